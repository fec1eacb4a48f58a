import { hresultText } from '../../../base/words/hresult-text.ts';
import { child, descendants, type XmlElement } from '../../../cim/xml/xml-element.ts';
import { facilityWords } from '../../../cim/wmi-numbers.ts';
import { CIM_STATUS, KNOWN_FAULTS, type FaultCode } from './known-faults.ts';
import { wsmanError } from './wsman-errors.ts';

/** A SOAP fault, in any of the layouts of detail that hosts send. */
export interface WsmanFault {
  /** Local name of the subcode: DestinationUnreachable, InvalidSelectors … */
  readonly subcode: string;
  /** The deepest WSManFault Code, WMI error_Code or HRESULT; 0 if there is not one. */
  readonly number: number;
  /** CIMStatusCode of a CIM_Error; 0 if there is not one. */
  readonly status: number;
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
    status: cimStatus(fault),
    text: short(faultText(fault)),
  };
}

function short(text: string): string {
  const whole = text.trim();
  return whole.length <= MAX_TEXT ? whole : `${whole.slice(0, MAX_TEXT).toWellFormed()}…`;
}

/**
 * Reads the number of a fault. In document order the deepest number comes last. The MessageID of an
 * MSFT_WmiError has the number too, as `HRESULT 0x80041002`.
 */
function faultNumber(fault: XmlElement): number {
  let number = 0;
  for (const each of descendants(fault)) {
    const text = each.text.trim();
    if (each.local === 'WSManFault') number = decimal(each.attributes.get('Code')) ?? number;
    else if (each.local === 'error_Code') number = decimal(text) ?? number;
    else if (each.local === 'StatusCode') number = decimal(text) ?? number;
    else if (each.local === 'MessageID' && number === 0) {
      number = Number(/^HRESULT (0x[0-9a-f]{1,8})$/i.exec(text)?.[1] ?? 0);
    }
  }
  return number;
}

function cimStatus(fault: XmlElement): number {
  for (const each of descendants(fault)) {
    if (each.local === 'CIMStatusCode') return decimal(each.text.trim()) ?? 0;
  }
  return 0;
}

/** Parses a number of Windows, which hosts write signed or unsigned; undefined for 0 and other text. */
const decimal = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) >>> 0 || undefined : undefined;

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

/**
 * Creates the error of a fault, in our words: the host's text is in its own language, and follows
 * for those who read it. `doing` describes the request.
 */
export function faultError(fault: WsmanFault, doing: string): Error {
  const { subcode, number, text } = fault;
  const known =
    KNOWN_FAULTS.get(number) ?? (number === 0 ? CIM_STATUS.get(fault.status) : undefined);
  const code = known?.code ?? BY_SUBCODE.get(subcode) ?? 'wsman.fault.other';
  const words = known?.words ?? facilityWords(number) ?? `it answered ${subcode}`;
  const hex = number === 0 ? '' : ` ${hresultText(number)}`;
  const said = text === '' ? '' : `. The host says: ${text}`;
  return wsmanError(code, `The host refused ${doing}: ${words} (${subcode}${hex})${said}`, {
    data: { subcode, number, text, doing },
  });
}
