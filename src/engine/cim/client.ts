import type { EmbeddedInstance } from './cim-xml.ts';
import type { CimInstance, CimReference, CimScalar, CimValue } from './model.ts';

/** An instance together with the reference that the host gave for it. */
export interface ReferencedInstance {
  readonly instance: CimInstance;
  readonly reference: CimReference;
}

/** A method argument. undefined arguments are left out of the call. */
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
   * Calling it twice has the effect of calling it once, so a client may send it again if it does not know what became of
   * it. Any other call is sent again only if it is certain that nothing was done.
   */
  readonly repeatable: boolean;
}

export interface InvokeResult {
  readonly returnValue: number;
  readonly out: ReadonlyMap<string, CimValue>;
}

/** What a host says of itself. */
export interface Identity {
  readonly productVendor: string;
  /** `OS: 10.0.20348 SP: 0.0 Stack: 3.0`. */
  readonly productVersion: string;
}

/**
 * Hyper-V's management service on one host. Calls may overlap: the client bounds them. What a call throws is an
 * EngineError; {@link isCimError} tells its kind.
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
  /** Runs WQL (`wql.ts`), ASSOCIATORS OF and REFERENCES OF included. */
  query(wql: string, signal: AbortSignal): AsyncIterable<CimInstance>;
  queryWithReferences(wql: string, signal: AbortSignal): AsyncIterable<ReferencedInstance>;
  /** Throws if the host refuses the call, not for return values. */
  invoke(call: Invocation, signal: AbortSignal): Promise<InvokeResult>;
  close(): Promise<void>;
}
