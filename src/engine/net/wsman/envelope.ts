import { requireChild, type XmlElement } from '../../cim/xml/xml-element.ts';
import { element, escapeXml, textElement } from '../../cim/xml/xml-writer.ts';
import { ANONYMOUS, NS } from './names.ts';
import type { Repetition } from './faults/retry.ts';
import { selectorSet, type Selectors } from './reference.ts';

/** A request as data: a transport sends it, `parse` reads the body of the answer. */
export interface WsmanRequest<Result> {
  readonly action: string;
  readonly resourceUri: string;
  /** Keys of the addressed instance. */
  readonly selectors?: Selectors;
  /** Options that the resource must understand (DSP0226 6.4), such as those of a shell. */
  readonly options?: Readonly<Record<string, string>>;
  /** XML of the body. The envelope declares the prefixes s, a, w, n, b, cim and xsi. */
  readonly body: string;
  readonly repetition: Repetition;
  readonly parse: (body: XmlElement) => Result;
}

export interface EnvelopeOptions {
  readonly to: string;
  readonly messageId: string;
  readonly operationTimeoutSeconds: number;
  readonly maxEnvelopeSize: number;
}

const PREFIXES = {
  'xmlns:s': NS.soap,
  'xmlns:a': NS.addressing,
  'xmlns:w': NS.wsman,
  'xmlns:n': NS.enumeration,
  'xmlns:b': NS.cimBinding,
  'xmlns:m': NS.microsoft,
  'xmlns:cim': NS.cim,
  'xmlns:xsi': NS.xsi,
} as const;

const MUST = { 's:mustUnderstand': 'true' } as const;
const MAY = { 's:mustUnderstand': 'false' } as const;

/** Encodes the SOAP 1.2 envelope of a request (DSP0226 5, MS-WSMV 2.2.4). */
export function encodeEnvelope(
  request: Pick<WsmanRequest<unknown>, 'action' | 'resourceUri' | 'selectors' | 'options' | 'body'>,
  options: EnvelopeOptions,
): string {
  const header = [
    textElement('a:To', options.to),
    element('w:ResourceURI', MUST, escapeXml(request.resourceUri)),
    element('a:ReplyTo', {}, element('a:Address', MUST, ANONYMOUS)),
    element('a:Action', MUST, escapeXml(request.action)),
    element('w:MaxEnvelopeSize', MUST, String(options.maxEnvelopeSize)),
    textElement('a:MessageID', options.messageId),
    element('w:Locale', { 'xml:lang': 'en-US', ...MAY }),
    element('m:DataLocale', { 'xml:lang': 'en-US', ...MAY }),
    textElement('w:OperationTimeout', `PT${options.operationTimeoutSeconds}S`),
    request.selectors === undefined ? '' : selectorSet(request.selectors),
    request.options === undefined ? '' : optionSet(request.options),
  ].join('');
  const content = element('s:Header', {}, header) + element('s:Body', {}, request.body);
  return `<?xml version="1.0" encoding="UTF-8"?>${element('s:Envelope', PREFIXES, content)}`;
}

function optionSet(options: Readonly<Record<string, string>>): string {
  const list = Object.entries(options).map(([Name, value]) =>
    element('w:Option', { Name }, escapeXml(value)),
  );
  return element('w:OptionSet', MUST, list.join(''));
}

/** Returns the body of an answer's envelope. Throws `xml.missing` if it has no body. */
export function envelopeBody(envelope: XmlElement): XmlElement {
  return requireChild(envelope, 'Body', NS.soap);
}
