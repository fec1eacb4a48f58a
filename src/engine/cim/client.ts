import type { Argument, EndpointReference, Identity, InvokeResult, WireInstance } from './model.ts';

/** An instance together with the reference that the server gave for it (EnumerateObjectAndEPR). */
export interface ReferencedInstance {
  readonly instance: WireInstance;
  readonly reference: EndpointReference;
}

/**
 * One host's WS-Management service. Every call may throw `wsman.*` and `http.*` errors; a fault keeps
 * its subcode, number and text in the error's data. Calls may overlap: the connection bounds them.
 */
export interface WsmanClient {
  readonly url: string;
  identify(signal: AbortSignal): Promise<Identity>;
  get(reference: EndpointReference, signal: AbortSignal): Promise<WireInstance>;
  /** All instances of a class (and its subclasses), optimised form, pulled until the end of the sequence. */
  enumerate(className: string, signal: AbortSignal): AsyncIterable<WireInstance>;
  enumerateWithReferences(
    className: string,
    signal: AbortSignal,
  ): AsyncIterable<ReferencedInstance>;
  /** WQL on the namespace's `*` URI, ASSOCIATORS OF and REFERENCES OF included. */
  query(wql: string, signal: AbortSignal): AsyncIterable<WireInstance>;
  queryWithReferences(wql: string, signal: AbortSignal): AsyncIterable<ReferencedInstance>;
  /** Arguments in the order of the method's declaration. Throws for faults, not for return values. */
  invoke(
    target: EndpointReference,
    method: string,
    args: Readonly<Record<string, Argument>>,
    signal: AbortSignal,
  ): Promise<InvokeResult>;
  close(): Promise<void>;
}
