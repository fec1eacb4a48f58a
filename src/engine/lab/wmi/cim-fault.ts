/** SOAP faults of a Windows host: subcode, its namespace prefix, and the WinRM or WMI number. */
const FAULTS = {
  accessDenied: { subcode: 'w:AccessDenied', number: 5, sender: true },
  notFound: { subcode: 'a:DestinationUnreachable', number: 2150858770, sender: true },
  actionNotSupported: { subcode: 'a:ActionNotSupported', number: 2150858771, sender: true },
  headerRequired: {
    subcode: 'a:MessageInformationHeaderRequired',
    number: 2150858768,
    sender: true,
  },
  invalidHeader: { subcode: 'a:InvalidMessageInformationHeader', number: 2150858767, sender: true },
  unsupportedFeature: { subcode: 'w:UnsupportedFeature', number: 2150858818, sender: true },
  localeFixed: { subcode: 'w:UnsupportedFeature', number: 2150858887, sender: true },
  differentNamespace: { subcode: 'w:InvalidSelectors', number: 2150859067, sender: true },
  duplicateSelectors: { subcode: 'w:InvalidSelectors', number: 2150858847, sender: true },
  cannotProcessFilter: { subcode: 'n:CannotProcessFilter', number: 2150858778, sender: true },
  wqlOnClass: { subcode: 'n:CannotProcessFilter', number: 2150859003, sender: true },
  filterDialect: {
    subcode: 'n:FilterDialectRequestedUnavailable',
    number: 2150858777,
    sender: true,
  },
  invalidContext: { subcode: 'n:InvalidEnumerationContext', number: 2150858779, sender: true },
  pullParameters: { subcode: 'w:InvalidParameter', number: 2150859181, sender: true },
  invalidParameter: { subcode: 'w:InvalidParameter', number: 2150858810, sender: true },
  modeUnsupported: { subcode: 'w:UnsupportedFeature', number: 2150858886, sender: true },
  /** ERROR_WSMAN_UNEXPECTED_SELECTORS, which clients take for a shell that has ended. */
  noShell: { subcode: 'w:InvalidSelectors', number: 2150858843, sender: true },
  invalidSelectors: { subcode: 'w:InvalidSelectors', number: 2150858813, sender: true },
  noSelectors: { subcode: 'w:InternalError', number: 2147749935, sender: false },
  invalidResource: { subcode: 'a:DestinationUnreachable', number: 2150858811, sender: true },
  schema: { subcode: 'w:SchemaValidationError', number: 2150858817, sender: true },
  minimumEnvelope: { subcode: 'w:EncodingLimit', number: 2150858878, sender: true },
  envelopeTooLarge: { subcode: 'w:EncodingLimit', number: 2150858824, sender: true },
  quota: { subcode: 'w:QuotaLimit', number: 2150859174, sender: false },
  timedOut: { subcode: 'w:TimedOut', number: 2150858793, sender: false },
  internal: { subcode: 'w:InternalError', number: 2147749889, sender: false },
  shuttingDown: { subcode: 'w:InternalError', number: 2147749939, sender: false },
  unavailable: { subcode: 'w:InternalError', number: 2147944122, sender: false },
  noClass: { subcode: 'a:DestinationUnreachable', number: 2147749904, sender: true },
  noNamespace: { subcode: 'a:DestinationUnreachable', number: 2147749902, sender: true },
} as const;

export type CimFaultKind = keyof typeof FAULTS;

/** The request that failed, for the details of a fault. */
export interface FailedRequest {
  readonly action: string;
  readonly resourceUri: string;
  readonly resource: { readonly namespace: string } | undefined;
}

/** Thrown by server and model to answer with a SOAP fault. */
export class CimFault extends Error {
  override readonly name = 'CimFault';
  readonly kind: CimFaultKind;
  readonly subcode: string;
  readonly number: number;
  readonly sender: boolean;
  #request: FailedRequest | undefined;

  constructor(kind: CimFaultKind, message: string) {
    super(message);
    this.kind = kind;
    ({ subcode: this.subcode, number: this.number, sender: this.sender } = FAULTS[kind]);
  }

  /** Undefined: the request was rejected before it was read. */
  get request(): FailedRequest | undefined {
    return this.#request;
  }

  /** Notes the request that failed. */
  at(request: FailedRequest): void {
    this.#request = request;
  }

  /** HTTP status: 400 if the addressing headers are wrong, otherwise 500 (DSP0226 14). */
  get status(): 400 | 500 {
    return this.subcode.includes('MessageInformationHeader') ? 400 : 500;
  }
}
