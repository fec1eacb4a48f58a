import { randomUUID } from 'node:crypto';
import { ACTION, ANONYMOUS, NS } from '../../net/wsman/names.ts';
import { element, escapeXml, textElement } from '../../cim/xml/xml-writer.ts';
import type { CimFault } from '../wmi/cim-fault.ts';

const DECLARED = {
  'xml:lang': 'en-US',
  'xmlns:s': NS.soap,
  'xmlns:a': NS.addressing,
  'xmlns:w': NS.wsman,
  'xmlns:n': NS.enumeration,
} as const;

/** Renders the envelope of an answer. */
export function answerEnvelope(action: string, relatesTo: string, body: string): string {
  const header = [
    textElement('a:Action', action),
    textElement('a:MessageID', `uuid:${randomUUID().toUpperCase()}`),
    textElement('a:To', ANONYMOUS),
    relatesTo === '' ? '' : textElement('a:RelatesTo', relatesTo),
  ].join('');
  return element(
    's:Envelope',
    DECLARED,
    element('s:Header', {}, header) + element('s:Body', {}, body),
  );
}

const FAULT_ACTIONS: Readonly<Record<string, string>> = {
  w: ACTION.fault,
  a: ACTION.addressingFault,
  n: ACTION.enumerationFault,
};

/** Renders the envelope of a fault, with Windows' classic detail. */
export function faultEnvelope(fault: CimFault, relatesTo: string, machine: string): string {
  const code = element(
    's:Code',
    {},
    textElement('s:Value', fault.sender ? 's:Sender' : 's:Receiver') +
      element('s:Subcode', {}, textElement('s:Value', fault.subcode)),
  );
  const reason = element(
    's:Reason',
    {},
    `<s:Text xml:lang="en-US">${escapeXml(fault.message)}</s:Text>`,
  );
  const detail = element(
    's:Detail',
    {},
    element(
      'f:WSManFault',
      { 'xmlns:f': NS.fault, Code: String(fault.number), Machine: machine },
      textElement('f:Message', fault.message),
    ),
  );
  const action = FAULT_ACTIONS[fault.subcode.slice(0, 1)] ?? ACTION.fault;
  return answerEnvelope(action, relatesTo, element('s:Fault', {}, code + reason + detail));
}
