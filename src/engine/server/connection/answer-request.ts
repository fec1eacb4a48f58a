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
import { remoteProgress } from './remote-progress.ts';

export type AnyHandler = (params: never, context: RequestContext) => Promise<unknown>;

/** Requests under way: what they do ends with the engine. */
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

/** Has a handler answer its request: cancelled when asked to, errors as ErrorInfo, never a stack. */
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
    const listener = token.onCancellationRequested(() => abort.abort(new Error('cancelled')));
    try {
      if (token.isCancellationRequested) abort.abort(new Error('cancelled'));
      signal.throwIfAborted();
      const context = { signal, progress: remoteProgress(connection, params) };
      const work = handler(params as never, context);
      return await (readOnly ? orAborted(work, signal) : work);
    } catch (error) {
      if (signal.aborted) throw new ResponseError(CANCELLED, 'cancelled');
      const info = errorInfo(error);
      if (info.code === 'internal') connection.console.error(`${method}: ${stackOf(error)}`);
      throw new ResponseError(ENGINE_ERROR, info.message, info);
    } finally {
      listener.dispose();
      underWay.end(abort);
    }
  };
  // By name: an answer to anything else is JSON-RPC's own InvalidParams.
  const type = new RequestType<unknown, unknown, unknown>(method, ParameterStructures.byName);
  connection.onRequest(type, answer);
}

/**
 * Of what changes nothing, whoever cancels need not wait for a file system or a host that does not notice. What changes something
 * is waited for: it takes back what it began.
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
