import type { EmbeddedInstance } from './cim-xml.ts';
import type { CimInstance, CimReference, CimScalar, CimValue } from './model.ts';

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

/**
 * Hyper-V's management service on one host. Calls may overlap: the client limits their number.
 * Calls throw an EngineError; {@link isCimError} returns its kind.
 */
export interface CimClient {
  readonly url: string;
  identify(signal: AbortSignal): Promise<Identity>;
  get(reference: CimReference, signal: AbortSignal): Promise<CimInstance>;
  /** All instances of a class and its subclasses. */
  enumerate(className: string, signal: AbortSignal): AsyncIterable<CimInstance>;
  enumerateWithReferences(
    className: string,
    signal: AbortSignal,
  ): AsyncIterable<ReferencedInstance>;
  /** Runs a WQL query (`wql.ts`), including ASSOCIATORS OF and REFERENCES OF. */
  query(wql: string, signal: AbortSignal): AsyncIterable<CimInstance>;
  queryWithReferences(wql: string, signal: AbortSignal): AsyncIterable<ReferencedInstance>;
  /** Throws if the host refuses the call; does not throw for return values. */
  invoke(call: Invocation, signal: AbortSignal): Promise<InvokeResult>;
  close(): Promise<void>;
}
