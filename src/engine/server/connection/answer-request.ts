import {
  ParameterStructures,
  RequestType,
  ResponseError,
  type CancellationToken,
  type Connection,
} from 'vscode-languageserver/node';
import { CANCELLED, ENGINE_ERROR } from '../../api/errors.ts';
import { requests } from '../../api/methods.ts';
import { errorInfo } from './error-info.ts';
import type { RequestContext, RequestName } from '../contract/handlers.ts';
import { remoteParts } from './remote-parts.ts';
import { remoteProgress } from './remote-progress.ts';

export type AnyHandler = (params: never, context: RequestContext) => Promise<unknown>;

/** Requests in progress. They end when the engine ends. */
export class UnderWay {
  readonly #aborts = new Set<AbortController>();

  begin(): AbortController {
    const abort = new AbortController();
    this.#aborts.add(abort);
    return abort;
  }

  end(abort: AbortController): void {
    this.#aborts.delete(abort);
  }

  abortAll(): void {
    for (const abort of this.#aborts) abort.abort(new Error('the engine ends'));
  }
}

/**
 * Answers a request by its handler. Passes cancellation on and converts errors to ErrorInfo,
 * without a stack.
 */
export function answerRequest(
  connection: Connection,
  name: RequestName,
  handler: AnyHandler,
  underWay: UnderWay,
): void {
  const { method, readOnly } = requests[name];
  const answer = async (params: unknown, token: CancellationToken): Promise<unknown> => {
    const abort = underWay.begin();
    const { signal } = abort;
    const parts = remoteParts(connection, params);
    const listener = token.onCancellationRequested(() => abort.abort(new Error('cancelled')));
    try {
      if (token.isCancellationRequested) abort.abort(new Error('cancelled'));
      signal.throwIfAborted();
      const context = { signal, progress: remoteProgress(connection, params), part: parts.add };
      const work = handler(params as never, context);
      return await (readOnly ? orAborted(work, signal) : work);
    } catch (error) {
      if (signal.aborted) throw new ResponseError(CANCELLED, 'cancelled');
      const info = errorInfo(error);
      if (info.code === 'internal') connection.console.error(`${method}: ${stackOf(error)}`);
      throw new ResponseError(ENGINE_ERROR, info.message, info);
    } finally {
      listener.dispose();
      parts.end();
      underWay.end(abort);
    }
  };
  // By name: parameters in any other form get JSON-RPC's own InvalidParams.
  const type = new RequestType<unknown, unknown, unknown>(method, ParameterStructures.byName);
  connection.onRequest(type, answer);
}

/**
 * Rejects at once when a request that changes nothing is cancelled, even if a file system or a host
 * does not respond. A request that makes changes is awaited, since it has to undo them.
 */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
