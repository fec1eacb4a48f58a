import { child, childText, type XmlElement } from '../../../cim/xml/xml-element.ts';
import { NS, parseResourceUri, type ResourceName } from '../../../net/wsman/names.ts';
import { parseSelectors } from '../../../net/wsman/reference.ts';
import { CimFault } from '../../wmi/cim-fault.ts';

/** The headers of a request, checked as Windows checks them. */
export interface WireRequest {
  readonly messageId: string;
  readonly action: string;
  readonly resourceUri: string;
  readonly resource: ResourceName | undefined;
  /** undefined: the request has no SelectorSet, which methods reject. */
  readonly selectors: Readonly<Record<string, string>> | undefined;
  readonly maxEnvelopeSize: number;
  /** Milliseconds, after which the answer is the fault TimedOut. */
  readonly operationTimeout: number;
  /** Expression of a FragmentTransfer header, which asks for one property. */
  readonly fragment: string | undefined;
  readonly body: XmlElement;
}

/** Maximum size of an answer, whatever the client accepts (MaxEnvelopeSizekb 500). */
export const SERVER_MAX_ENVELOPE = 512_000;
/** Default and maximum of OperationTimeout (MaxTimeoutms). */
const MAX_TIMEOUT = 60_000;
const MINIMUM_ENVELOPE = 8192;

export function readRequest(envelope: XmlElement): WireRequest {
  const header = child(envelope, 'Header', NS.soap);
  const body = child(envelope, 'Body', NS.soap);
  if (envelope.local !== 'Envelope' || header === undefined || body === undefined) {
    throw new CimFault('schema', 'The request is not a SOAP envelope with Header and Body');
  }
  const messageId = childText(header, 'MessageID') ?? '';
  if (messageId === '' || messageId.length > 2048) {
    throw new CimFault('invalidHeader', 'MessageID is missing, empty or too long');
  }
  checkReplyTo(header);
  const locale = child(header, 'Locale', NS.wsman);
  if (locale !== undefined && mustUnderstand(locale)) {
    throw new CimFault('localeFixed', 'Locale must not be marked mustUnderstand');
  }
  const resourceUri = childText(header, 'ResourceURI') ?? '';
  const set = child(header, 'SelectorSet', NS.wsman);
  return {
    messageId,
    action: required(header, 'Action'),
    resourceUri,
    resource: parseResourceUri(resourceUri),
    selectors: set === undefined ? undefined : parseSelectors(set),
    maxEnvelopeSize: readMaxEnvelopeSize(header),
    operationTimeout: readOperationTimeout(header),
    fragment: readFragment(header),
    body,
  };
}

function checkReplyTo(header: XmlElement): void {
  const replyTo = child(header, 'ReplyTo', NS.addressing);
  if (replyTo === undefined) throw new CimFault('headerRequired', 'ReplyTo is missing');
  const address = childText(replyTo, 'Address') ?? '';
  if (!address.endsWith('/role/anonymous')) {
    throw new CimFault('unsupportedFeature', `ReplyTo is ${address}; only anonymous is supported`);
  }
}

/** A host that does not understand the header would return a whole instance: it must be marked. */
function readFragment(header: XmlElement): string | undefined {
  const fragment = child(header, 'FragmentTransfer', NS.wsman);
  if (fragment === undefined) return undefined;
  if (mustUnderstand(fragment)) return fragment.text;
  throw new CimFault('invalidHeader', 'FragmentTransfer must be marked mustUnderstand');
}

function readMaxEnvelopeSize(header: XmlElement): number {
  const text = childText(header, 'MaxEnvelopeSize');
  if (text === undefined) return SERVER_MAX_ENVELOPE;
  const size = Number(text);
  if (!Number.isInteger(size) || size < MINIMUM_ENVELOPE) {
    throw new CimFault(
      'minimumEnvelope',
      `MaxEnvelopeSize is ${text}; at least ${MINIMUM_ENVELOPE} is needed`,
    );
  }
  return Math.min(size, SERVER_MAX_ENVELOPE);
}

/** Reads an xs:duration of hours, minutes and seconds. */
function readOperationTimeout(header: XmlElement): number {
  const text = childText(header, 'OperationTimeout');
  if (text === undefined) return MAX_TIMEOUT;
  const match = /^P(?:T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,8}(?:\.\d{1,7})?)S)?)$/.exec(
    text,
  );
  if (match === null) {
    throw new CimFault(
      'invalidHeader',
      `OperationTimeout is “${text}”; expected a duration such as PT60S`,
    );
  }
  const [hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const milliseconds = ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000;
  return Math.min(milliseconds, MAX_TIMEOUT);
}

function required(header: XmlElement, name: string): string {
  const text = childText(header, name);
  if (text === undefined || text === '') throw new CimFault('headerRequired', `${name} is missing`);
  return text;
}

/** Accepts `true` or `1`, with or without the prefix: pywinrm omits it. */
function mustUnderstand(header: XmlElement): boolean {
  const value =
    header.attributes.get(`{${NS.soap}}mustUnderstand`) ?? header.attributes.get('mustUnderstand');
  return value === 'true' || value === '1';
}
