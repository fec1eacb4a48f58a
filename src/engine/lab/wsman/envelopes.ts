import { randomUUID } from 'node:crypto';
import { ACTION, ANONYMOUS, NS } from '../../net/wsman/names.ts';
import { element, escapeXml, textElement } from '../../cim/xml/xml-writer.ts';
import { faultText } from '../texts/fault-texts.ts';
import type { CimFault } from '../wmi/cim-fault.ts';
import { faultDetail } from './fault-detail.ts';

const DECLARED = {
  'xmlns:s': NS.soap,
  'xmlns:a': NS.addressing,
  'xmlns:w': NS.wsman,
  'xmlns:n': NS.enumeration,
} as const;

/** Language of a host unless it says otherwise. */
const ENGLISH = 'en-US';

interface AnswerOptions {
  /** Language of the host, whatever the client asked for. */
  readonly language: string | undefined;
  /** Expression of the FragmentTransfer header, which the answer repeats. */
  readonly fragment?: string | undefined;
}

/** Renders the envelope of an answer. */
export function answerEnvelope(
  action: string,
  relatesTo: string,
  body: string,
  { language = ENGLISH, fragment }: AnswerOptions = { language: undefined },
): string {
  const header = [
    textElement('a:Action', action),
    textElement('a:MessageID', `uuid:${randomUUID().toUpperCase()}`),
    textElement('a:To', ANONYMOUS),
    fragment === undefined
      ? ''
      : element('w:FragmentTransfer', { 's:mustUnderstand': 'true' }, escapeXml(fragment)),
    relatesTo === '' ? '' : textElement('a:RelatesTo', relatesTo),
  ].join('');
  return element(
    's:Envelope',
    { 'xml:lang': language, ...DECLARED },
    element('s:Header', {}, header) + element('s:Body', {}, body),
  );
}

const FAULT_ACTIONS: Readonly<Record<string, string>> = {
  w: ACTION.fault,
  a: ACTION.addressingFault,
  n: ACTION.enumerationFault,
};

/** Renders the envelope of a fault in the language of the host. */
export function faultEnvelope(
  fault: CimFault,
  relatesTo: string,
  machine: string,
  language: string = ENGLISH,
): string {
  const text = faultText(fault.kind, fault.message, language);
  const code = element(
    's:Code',
    {},
    textElement('s:Value', fault.sender ? 's:Sender' : 's:Receiver') +
      element('s:Subcode', {}, textElement('s:Value', fault.subcode)),
  );
  const reason = element(
    's:Reason',
    {},
    element('s:Text', { 'xml:lang': language }, escapeXml(text)),
  );
  const detail = element('s:Detail', {}, faultDetail(fault, text, machine));
  const action = FAULT_ACTIONS[fault.subcode.slice(0, 1)] ?? ACTION.fault;
  const body = element('s:Fault', {}, code + reason + detail);
  return answerEnvelope(action, relatesTo, body, { language });
}
