import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { envelopeBody } from '../../../src/engine/net/wsman/envelope.ts';
import { parseFault, type WsmanFault } from '../../../src/engine/net/wsman/faults/fault.ts';
import { parseXml } from '../../../src/engine/cim/xml/xml-reader.ts';
import { PASSWORD, smallHost, USER, type SmallHostOptions } from './small-host.ts';
import { SmallRepository, VM_ID } from './small-repository.ts';

// Envelopes are written out as text, so that our own encoder cannot hide an error of our own reader.

export const WMI = 'http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2';
export const ENUM = 'http://schemas.xmlsoap.org/ws/2004/09/enumeration';
const GET = 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Get';
export const WQL = 'http://schemas.microsoft.com/wbem/wsman/1/WQL';
const NAMES =
  'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" ' +
  'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" ' +
  'xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
export const BASIC = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
export const VM_KEYS = { CreationClassName: 'Msvm_ComputerSystem', Name: VM_ID };

export interface Parts {
  readonly action?: string;
  readonly resource?: string;
  readonly selectors?: Readonly<Record<string, string>>;
  readonly messageId?: string;
  readonly replyTo?: string;
  readonly headers?: string;
  readonly body?: string;
}

export function envelope(parts: Parts): string {
  const {
    action = GET,
    resource = `${WMI}/Msvm_ComputerSystem`,
    messageId = '<a:MessageID>uuid:1</a:MessageID>',
    replyTo = '<a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>',
  } = parts;
  const selectors = Object.entries(parts.selectors ?? {})
    .map(([name, value]) => `<w:Selector Name="${name}">${value}</w:Selector>`)
    .join('');
  return (
    `<s:Envelope ${NAMES}><s:Header><a:To>http://elsewhere/wsman</a:To>${replyTo}${messageId}` +
    `<w:ResourceURI s:mustUnderstand="true">${resource}</w:ResourceURI><a:Action mustUnderstand="1">${action}</a:Action>` +
    `${selectors === '' ? '' : `<w:SelectorSet>${selectors}</w:SelectorSet>`}${parts.headers ?? ''}</s:Header>` +
    `<s:Body>${parts.body ?? ''}</s:Body></s:Envelope>`
  );
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly fault: WsmanFault | undefined;
}

export type Ask = (
  request: Parts | string,
  headers?: Readonly<Record<string, string>>,
  path?: string,
) => Promise<Answer>;

export async function strictHost(
  t: TestContext,
  options: SmallHostOptions = {},
  extra = 6,
): Promise<{ ask: Ask; repository: SmallRepository }> {
  const repository = new SmallRepository(extra);
  const { url } = await smallHost(t, repository, options);
  const ask: Ask = async (request, headers = { Authorization: BASIC }, path = '/wsman') => {
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/soap+xml;charset=UTF-8', ...headers },
      body: typeof request === 'string' ? request : envelope(request),
    });
    const text = await answer.text();
    const fault = [400, 500].includes(answer.status)
      ? parseFault(envelopeBody(parseXml(text)))
      : undefined;
    return { status: answer.status, headers: answer.headers, text, fault };
  };
  return { ask, repository };
}

/** Asks and expects the fault with that subcode and number. */
export async function refused(
  ask: Ask,
  parts: Parts | string,
  subcode: string,
  number: number,
): Promise<void> {
  const { status, fault, text } = await ask(parts);
  assert.equal(status, subcode.includes('MessageInformationHeader') ? 400 : 500, text);
  assert.deepEqual([fault?.subcode, fault?.number], [subcode, number], fault?.text);
}

export const enumerate = (content: string, more: Parts = {}): Parts => ({
  action: `${ENUM}/Enumerate`,
  resource: `${WMI}/*`,
  body: `<n:Enumerate>${content}</n:Enumerate>`,
  ...more,
});
export const wql = (query: string, more: Parts = {}): Parts =>
  enumerate(
    `<w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements><w:Filter Dialect="${WQL}">${query}</w:Filter>`,
    more,
  );
export const echo = (args: string, more: Parts = {}): Parts => ({
  action: `${WMI}/Msvm_Service/Echo`,
  resource: `${WMI}/Msvm_Service`,
  selectors: { CreationClassName: 'Msvm_Service' },
  body: `<p:Echo_INPUT xmlns:p="${WMI}/Msvm_Service">${args}</p:Echo_INPUT>`,
  ...more,
});
export const count = (text: string, tag: string): number => text.split(`<${tag}`).length - 1;

export function pull(context: string, more: string): Parts {
  return {
    action: `${ENUM}/Pull`,
    resource: `${WMI}/Msvm_ComputerSystem`,
    body: `<n:Pull><n:EnumerationContext>${context}</n:EnumerationContext>${more}</n:Pull>`,
  };
}

export function contextOf(text: string): string {
  const context = /<n:EnumerationContext>([^<]+)</.exec(text)?.[1];
  assert.ok(context !== undefined, text);
  return context;
}
