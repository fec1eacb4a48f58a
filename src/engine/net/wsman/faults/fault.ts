import type { CodesOf } from '../../../base/errors.ts';
import { child, descendants, type XmlElement } from '../../../cim/xml/xml-element.ts';
import { wsmanError } from './wsman-errors.ts';

/** A SOAP fault of a Windows host, in either of its two layouts of detail. */
export interface WsmanFault {
  /** Local name of the subcode: DestinationUnreachable, InvalidSelectors … */
  readonly subcode: string;
  /** The deepest WSManFault Code or WMI error_Code; 0 if there is not one. */
  readonly number: number;
  /** In the host's language: for display only, never for decisions. */
  readonly text: string;
}

const SOAP = 'http://www.w3.org/2003/05/soap-envelope';
/** Maximum length of a host's text: it may be as long as its answer. */
const MAX_TEXT = 2000;

/** Returns the fault in a body, or undefined if it holds an answer. */
export function parseFault(body: XmlElement): WsmanFault | undefined {
  const fault = child(body, 'Fault', SOAP);
  if (fault === undefined) return undefined;
  const code = child(fault, 'Code');
  const subcode = code && child(code, 'Subcode');
  const value = (subcode && child(subcode, 'Value')) ?? (code && child(code, 'Value'));
  return {
    subcode: short(value?.text ?? '').replace(/^.*:/, ''),
    number: faultNumber(fault),
    text: short(faultText(fault)),
  };
}

function short(text: string): string {
  const whole = text.trim();
  return whole.length <= MAX_TEXT ? whole : `${whole.slice(0, MAX_TEXT).toWellFormed()}…`;
}

function faultNumber(fault: XmlElement): number {
  let number = 0;
  for (const each of descendants(fault)) {
    const text =
      each.local === 'WSManFault'
        ? each.attributes.get('Code')
        : each.local === 'error_Code'
          ? each.text.trim()
          : undefined;
    // In document order the deepest comes last.
    if (text !== undefined && /^\d{1,10}$/.test(text)) number = Number(text) >>> 0;
  }
  return number;
}

function faultText(fault: XmlElement): string {
  const detail = child(fault, 'Detail');
  const texts = detail === undefined ? [] : [...descendants(detail)];
  const named = ['Message', 'Description', 'error_WindowsErrorMessage'];
  for (const name of named) {
    const found = texts.find((each) => each.local === name && each.text.trim() !== '');
    if (found !== undefined) return found.text.trim();
  }
  const reason = child(fault, 'Reason');
  return (reason && child(reason, 'Text')?.text.trim()) ?? '';
}

type FaultCode = Extract<CodesOf<typeof wsmanError>, `wsman.fault.${string}`>;

/** Codes for known numbers (wsmerror.h, wbemcli.h); otherwise the subcode decides. */
const BY_NUMBER: Readonly<Record<number, FaultCode>> = {
  5: 'wsman.fault.accessDenied',
  2150858752: 'wsman.fault.notFound',
  2150858770: 'wsman.fault.notFound',
  2150858771: 'wsman.fault.notSupported',
  2150858776: 'wsman.fault.cannotProcessFilter',
  2150858777: 'wsman.fault.cannotProcessFilter',
  2150858778: 'wsman.fault.cannotProcessFilter',
  2150858779: 'wsman.fault.invalidContext',
  2150858793: 'wsman.fault.timedOut',
  2150858802: 'wsman.fault.busy',
  2150858805: 'wsman.fault.envelopeTooLarge',
  2150858813: 'wsman.fault.invalidSelectors',
  2150858815: 'wsman.fault.quota',
  2150858817: 'wsman.fault.schema',
  2150858824: 'wsman.fault.envelopeTooLarge',
  2150858825: 'wsman.fault.envelopeTooLarge',
  2150858842: 'wsman.fault.invalidSelectors',
  2150858843: 'wsman.fault.invalidSelectors',
  2150858846: 'wsman.fault.invalidSelectors',
  2150858847: 'wsman.fault.invalidSelectors',
  2150859002: 'wsman.fault.invalidSelectors',
  2150859003: 'wsman.fault.cannotProcessFilter',
  2150859013: 'wsman.fault.accessDenied',
  2150859014: 'wsman.fault.accessDenied',
  2150859038: 'wsman.fault.schema',
  2150859042: 'wsman.fault.cannotProcessFilter',
  2150859046: 'wsman.fault.timedOut',
  2150859174: 'wsman.fault.quota',
  2150859175: 'wsman.fault.quota',
  2147749890: 'wsman.fault.notFound',
  2147749891: 'wsman.fault.accessDenied',
  2147749902: 'wsman.fault.noNamespace',
  2147749904: 'wsman.fault.noClass',
  2147749911: 'wsman.fault.cannotProcessFilter',
  2147749934: 'wsman.fault.notSupported',
  2147749935: 'wsman.fault.invalidSelectors',
  2147749939: 'wsman.fault.busy',
  2147749993: 'wsman.fault.timedOut',
  2147749996: 'wsman.fault.busy',
  2147944122: 'wsman.fault.busy',
};

/** A Map: the subcode comes from the host, and `constructor` is a key of every object. */
const BY_SUBCODE: ReadonlyMap<string, FaultCode> = new Map(
  Object.entries({
    AccessDenied: 'wsman.fault.accessDenied',
    DestinationUnreachable: 'wsman.fault.notFound',
    InvalidSelectors: 'wsman.fault.invalidSelectors',
    CannotProcessFilter: 'wsman.fault.cannotProcessFilter',
    InvalidEnumerationContext: 'wsman.fault.invalidContext',
    TimedOut: 'wsman.fault.timedOut',
    Concurrency: 'wsman.fault.busy',
    QuotaLimit: 'wsman.fault.quota',
    EncodingLimit: 'wsman.fault.envelopeTooLarge',
    SchemaValidationError: 'wsman.fault.schema',
    ActionNotSupported: 'wsman.fault.notSupported',
    UnsupportedFeature: 'wsman.fault.notSupported',
    InternalError: 'wsman.fault.internal',
  } as const),
);

/** Creates the error of a fault. `doing` describes the request, for the message. */
export function faultError(fault: WsmanFault, doing: string): Error {
  const code = BY_NUMBER[fault.number] ?? BY_SUBCODE.get(fault.subcode) ?? 'wsman.fault.other';
  const hex = `0x${fault.number.toString(16).toUpperCase().padStart(8, '0')}`;
  const text = fault.text === '' ? fault.subcode : fault.text;
  return wsmanError(code, `The host refused ${doing}: ${text} (${fault.subcode} ${hex})`, {
    data: { subcode: fault.subcode, number: fault.number, text: fault.text, doing },
  });
}
