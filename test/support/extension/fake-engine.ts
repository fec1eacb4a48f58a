import type { ErrorInfo } from '../../../src/engine/api/errors.ts';
import type { Request } from '../../../src/engine/api/methods.ts';
import type { ProgressRecord } from '../../../src/engine/api/notifications.ts';
import { Cancelled, EngineFailure } from '../../../src/extension/engine/engine-error.ts';
import type { Engine } from '../../../src/extension/engine/engine.ts';
import { EventEmitter, type CancellationToken } from '../vscode/events.ts';

type AnyRequest = Request<never, unknown>;

interface Call {
  readonly method: string;
  readonly params: unknown;
}

/** An engine whose answers a test gives, and that counts what it was asked. */
export class FakeEngine {
  readonly calls: Call[] = [];
  readonly problems: string[] = [];
  /** Sends rows of the last request that wants parts. */
  sendRows: (rows: readonly unknown[]) => void = () => undefined;
  readonly #answers = new Map<string, (params: never, token: CancellationToken) => unknown>();
  readonly #restarted = new EventEmitter<void>();
  readonly onRestarted = this.#restarted.event;

  /** Answers a request from now on. */
  on<Params, Result>(
    request: Request<Params, Result>,
    answer: (params: Params, token: CancellationToken) => Result | Promise<Result>,
  ): this {
    this.#answers.set(request.method, answer);
    return this;
  }

  /** Another engine answers from now on. */
  restart(): void {
    this.#restarted.fire();
  }

  /** A request fails from now on. */
  fail(request: Pick<AnyRequest, 'method'>, error: unknown): this {
    this.#answers.set(request.method, () => {
      throw error;
    });
    return this;
  }

  count(request: Pick<AnyRequest, 'method'>): number {
    return this.calls.filter(({ method }) => method === request.method).length;
  }

  paramsOf<Params>(request: Request<Params, unknown>): readonly Params[] {
    return this.calls
      .filter(({ method }) => method === request.method)
      .map(({ params }) => params as Params);
  }

  async request<Params, Result>(
    request: Request<Params, Result>,
    params: Params,
    token?: CancellationToken,
  ): Promise<Result> {
    this.calls.push({ method: request.method, params });
    const answer = this.#answers.get(request.method);
    if (answer === undefined) {
      this.problems.push(`nobody answers ${request.method}`);
      throw new Error(`nobody answers ${request.method}`);
    }
    if (token?.isCancellationRequested === true) throw new Cancelled('cancelled');
    const never = { isCancellationRequested: false, onCancellationRequested: () => ({}) as never };
    return (await answer(params as never, token ?? never)) as Result;
  }

  requestWithProgress<Params, Result>(
    request: Request<Params, Result>,
    params: Omit<Params, 'progressToken'>,
    onProgress: (record: ProgressRecord) => void,
    token?: CancellationToken,
  ): Promise<Result> {
    onProgress({ progressToken: 'p', phase: 'working', done: 0, total: 0 });
    return this.request(request, { ...params, progressToken: 'p' } as Params, token);
  }

  /** Parts are what a test sends by `sendRows`. */
  requestWithParts<Params, Result>(
    request: Request<Params, Result>,
    params: Omit<Params, 'partialResultToken'>,
    onRows: (rows: readonly unknown[]) => void,
    token?: CancellationToken,
  ): Promise<Result> {
    this.sendRows = onRows;
    return this.request(request, params as Params, token);
  }

  async stop(): Promise<void> {
    return undefined;
  }

  dispose(): void {
    this.#restarted.dispose();
  }

  get asEngine(): Engine {
    return this as unknown as Engine;
  }
}

/** An error as the engine answers it. */
export function failure(
  code: string,
  message: string,
  flags: Partial<Pick<ErrorInfo, 'permanent' | 'userFixable' | 'damage'>> = {},
  data: ErrorInfo['data'] = {},
): EngineFailure {
  const none = { permanent: false, userFixable: false, damage: false };
  return new EngineFailure({ code, message, data, ...none, ...flags });
}
