import type { LoginMechanism } from '../api/host.ts';
import type { EmbeddedInstance } from './cim-xml.ts';
import type { CimInstance, CimReference, CimScalar, CimValue } from './model.ts';
import type { AssociatorsOptions, ReferencesOptions } from './wql.ts';

/** An instance together with the reference that the host returned for it. */
export interface ReferencedInstance {
  readonly instance: CimInstance;
  readonly reference: CimReference;
}

/** A method argument. Undefined arguments are omitted from the call. */
export type Argument =
  | CimScalar
  | CimReference
  | { readonly embedded: EmbeddedInstance }
  /** ISO 8601 for a point, xs:duration for an interval. */
  | { readonly datetime: string }
  | readonly Argument[]
  | undefined;

/** A method call. */
export interface Invocation {
  readonly target: CimReference;
  readonly method: string;
  /** In the order of the method's declaration. */
  readonly args: Readonly<Record<string, Argument>>;
  /**
   * Calling it twice has the same effect as calling it once, so a client may resend it if its
   * outcome is not known. Any other call is resent only if the host certainly did nothing.
   */
  readonly repeatable: boolean;
}

export interface InvokeResult {
  readonly returnValue: number;
  readonly out: ReadonlyMap<string, CimValue>;
}

/** A host's description of itself. */
export interface Identity {
  readonly productVendor: string;
  /** `OS: 10.0.20348 SP: 0.0 Stack: 3.0`. */
  readonly productVersion: string;
}

/** Protection of a client's connections. */
export interface ClientSecurity {
  readonly mechanism: LoginMechanism;
  /** Messages are encrypted inside HTTP, below TLS if there is TLS. */
  readonly sealed: boolean;
  /** Reason why Kerberos was not possible, so that NTLM was used; null if Kerberos or another login was. */
  readonly fallback: string | null;
}

/** A class and its namespace. */
export interface CimClass {
  readonly namespace: string;
  readonly className: string;
}

/** A query and the namespace that it runs in. */
export interface CimQuery {
  readonly namespace: string;
  readonly wql: string;
}

/** The objects that association classes connect with an object. */
export interface Associators extends AssociatorsOptions {
  readonly object: CimReference;
}

/** The association instances themselves that hold an object. */
export interface References extends ReferencesOptions {
  readonly object: CimReference;
}

/**
 * The management service of one host. Calls may overlap: the client limits their number. Names
 * without a namespace are those of Hyper-V's namespace. Calls throw an EngineError;
 * {@link isCimError} returns its kind.
 *
 * Rows arrive while the host is still sending. An enumeration that a host interrupts or forgets is
 * restarted, without rows twice and without omitting one.
 */
export interface CimClient {
  readonly url: string;
  /** Undefined before the first login, and for a transport without a login. */
  security(): ClientSecurity | undefined;
  identify(signal: AbortSignal): Promise<Identity>;
  get(reference: CimReference, signal: AbortSignal): Promise<CimInstance>;
  /** All instances of a class and its subclasses. */
  enumerate(from: string | CimClass, signal: AbortSignal): AsyncIterable<CimInstance>;
  enumerateWithReferences(
    from: string | CimClass,
    signal: AbortSignal,
  ): AsyncIterable<ReferencedInstance>;
  /** References to all instances of a class and its subclasses, without the instances. */
  enumerateReferences(from: string | CimClass, signal: AbortSignal): AsyncIterable<CimReference>;
  /** Runs a WQL query (`wql.ts`). Rows of a projection have the class that the query names. */
  query(wql: string | CimQuery, signal: AbortSignal): AsyncIterable<CimInstance>;
  /** Not for projections, which have no references. */
  queryWithReferences(
    wql: string | CimQuery,
    signal: AbortSignal,
  ): AsyncIterable<ReferencedInstance>;
  /**
   * By the text ASSOCIATORS OF or, on hosts that refuse that text, by an association filter.
   */
  associators(query: Associators, signal: AbortSignal): AsyncIterable<ReferencedInstance>;
  /** By the text REFERENCES OF or, on hosts that refuse that text, by an association filter. */
  references(query: References, signal: AbortSignal): AsyncIterable<CimInstance>;
  /** Throws if the host refuses the call; does not throw for return values. */
  invoke(call: Invocation, signal: AbortSignal): Promise<InvokeResult>;
  close(): Promise<void>;
}
