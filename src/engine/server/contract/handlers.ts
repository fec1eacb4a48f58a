import type { ParamsOf, requests, ResultOf } from '../../api/methods.ts';
import type { Progress } from '../../base/progress.ts';

/** Everything that a handler receives besides its parameters. */
export interface RequestContext {
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Sends a row of the result before it is complete, if the caller wants parts. */
  readonly part: (row: unknown) => void;
}

type Requests = typeof requests;
export type RequestName = keyof Requests;

export type Handler<Name extends RequestName> = (
  params: ParamsOf<Requests[Name]>,
  context: RequestContext,
) => Promise<ResultOf<Requests[Name]>>;

/** Handlers of some requests, by name. */
export type Handlers<Name extends RequestName = RequestName> = { readonly [N in Name]: Handler<N> };
