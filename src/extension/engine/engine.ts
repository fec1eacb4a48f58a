import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import {
  notifications,
  type Notification,
  type Request,
  type WithParts,
  type WithProgress,
} from '../../engine/api/methods.ts';
import type { ProgressRecord } from '../../engine/api/notifications.ts';
import type { Output } from '../output/output.ts';
import { PATIENCE_MS, STABLE_MS, TIMING, type EngineTiming } from './back-off.ts';
import type { ClientHooks, EngineConnection } from './engine-connection.ts';
import { Cancelled, engineFailure, EngineFailure, fromRejection } from './engine-error.ts';

const { t } = vscode.l10n;

/**
 * The engine process: started by the first request, started again after a crash once the back-off has passed. Requests that
 * were under way when it ended fail; those that do no harm when asked again are asked once more.
 */
export class Engine implements vscode.Disposable {
  readonly #output: Output;
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #timing: EngineTiming;
  #connection: Promise<EngineConnection> | undefined;
  /** The one that starts or answers. */
  #current: EngineConnection | undefined;
  /** In a row. */
  #crashes = 0;
  #endedAt = 0;
  #startedAt = 0;
  #hadOne = false;
  #readyAfterMs = 0;
  readonly #stop = new AbortController();
  #nextToken = 1;
  readonly #progress = new Map<string, (record: ProgressRecord) => void>();
  readonly #parts = new Map<string, (rows: readonly unknown[]) => void>();
  readonly #restarted = new vscode.EventEmitter<void>();

  /** Another engine process answers from now on: what the last one held open is gone. */
  readonly onRestarted = this.#restarted.event;

  constructor(
    output: Output,
    extensionFolder: string,
    environment: Readonly<Record<string, string>>,
    timing: Partial<EngineTiming> = {},
  ) {
    this.#output = output;
    this.#timing = { ...TIMING, ...timing };
    this.#folder = extensionFolder;
    this.#environment = environment;
  }

  /** Throws what the engine answered as EngineFailure, `engine.*` where it does not answer, Cancelled by the token. */
  async request<Params, Result>(
    request: Request<Params, Result>,
    params: Params,
    token?: vscode.CancellationToken,
  ): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      const connection = await orCancelled(this.#connected(), token);
      try {
        return (await connection.request(request.method, params, token)) as Result;
      } catch (error) {
        const lost = t('The engine ended while it was at this. Try it again.');
        const failure = fromRejection(error, lost);
        const gone = failure instanceof EngineFailure && failure.info.code === 'engine.lost';
        if (!gone) throw failure;
        if (token?.isCancellationRequested === true) throw new Cancelled('cancelled');
        if (!request.retryable || attempt === 2) throw failure;
        // The connection can fail before its end is reported.
        this.#closed(connection);
        void connection.stop();
      }
    }
  }

  /** A request whose progress is wanted. */
  async requestWithProgress<Params extends WithProgress, Result>(
    request: Request<Params, Result>,
    params: Omit<Params, 'progressToken'>,
    onProgress: (record: ProgressRecord) => void,
    token?: vscode.CancellationToken,
  ): Promise<Result> {
    const progressToken = `p${this.#nextToken++}`;
    this.#progress.set(progressToken, onProgress);
    try {
      return await this.request(request, { ...params, progressToken } as Params, token);
    } finally {
      this.#progress.delete(progressToken);
    }
  }

  /** A request whose result is also wanted in parts, before it is complete. */
  async requestWithParts<Params extends WithParts, Result>(
    request: Request<Params, Result>,
    params: Omit<Params, 'partialResultToken'>,
    onRows: (rows: readonly unknown[]) => void,
    token?: vscode.CancellationToken,
  ): Promise<Result> {
    const partialResultToken = `r${this.#nextToken++}`;
    this.#parts.set(partialResultToken, onRows);
    try {
      return await this.request(request, { ...params, partialResultToken } as Params, token);
    } finally {
      this.#parts.delete(partialResultToken);
    }
  }

  /** From the spawn of the newest engine process to its first answer. */
  get readyAfterMs(): number {
    return this.#readyAfterMs;
  }

  /** Ends it, also one that is just being started; no other is started. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#current?.stop();
    await this.#connection?.catch(() => undefined);
  }

  dispose(): void {
    void this.stop();
    this.#restarted.dispose();
  }

  #connected(): Promise<EngineConnection> {
    if (this.#stop.signal.aborted) throw stopped();
    if (this.#connection === undefined) {
      const starting = this.#start().catch((error: unknown) => {
        if (this.#connection === starting) this.#connection = undefined;
        throw error;
      });
      this.#connection = starting;
    }
    return this.#connection;
  }

  async #start(): Promise<EngineConnection> {
    await this.#backOff();
    const begun = Date.now();
    const connection: EngineConnection = this.#createConnection(() => this.#closed(connection));
    this.#current = connection;
    const { progress, part, log, exchange } = notifications;
    listen(connection, progress, (record) => this.#progress.get(record.progressToken)?.(record));
    listen(connection, part, ({ partialResultToken, rows }) =>
      this.#parts.get(partialResultToken)?.(rows),
    );
    listen(connection, log, (record) => this.#output.record(record));
    listen(connection, exchange, (record) => this.#output.exchange(record));
    try {
      await connection.start();
    } catch (error) {
      this.#closed(connection);
      if (this.#stop.signal.aborted) throw stopped();
      const message = t('The engine did not start: {0}', (error as Error).message);
      throw engineFailure('engine.start', message);
    }
    this.#startedAt = Date.now();
    this.#readyAfterMs = this.#startedAt - begun;
    this.#output.engine.info(`Engine ready after ${this.#readyAfterMs} ms`);
    if (this.#hadOne) this.#restarted.fire();
    this.#hadOne = true;
    return connection;
  }

  /** Waits for the rest of the pause after the last crash, up to a short limit. */
  async #backOff(): Promise<void> {
    const wait = this.#endedAt + this.#timing.backOff(this.#crashes) - Date.now();
    if (wait <= 0) return;
    const seconds = Math.ceil(wait / 1000);
    if (wait > PATIENCE_MS) {
      const message = t(
        'The engine ended {0} times in a row. It can be started again in {1} s; the log says more.',
        this.#crashes,
        seconds,
      );
      throw engineFailure('engine.crashing', message);
    }
    this.#output.engine.warn(`The engine ended ${this.#crashes} times; next start in ${seconds} s`);
    await delay(wait, undefined, { signal: this.#stop.signal }).catch(() => {
      throw stopped();
    });
  }

  #createConnection(closed: () => void): EngineConnection {
    const dist = path.join(this.#folder, 'dist');
    // Loaded with the engine, not with the extension.
    const require = createRequire(path.join(dist, 'extension.cjs'));
    const client = require(path.join(dist, 'client.cjs')) as {
      readonly createConnection: (hooks: ClientHooks) => EngineConnection;
    };
    return client.createConnection({
      module: path.join(dist, 'engine.cjs'),
      startMs: this.#timing.startMs,
      environment: this.#environment,
      output: this.#output.engine,
      trace: this.#output.trace,
      closed,
    });
  }

  /** Runs once for each connection, whichever event reports its end. */
  #closed(connection: EngineConnection): void {
    if (this.#current !== connection) return;
    this.#current = undefined;
    this.#connection = undefined;
    if (this.#stop.signal.aborted) return;
    const now = Date.now();
    const stable = this.#startedAt > this.#endedAt && now - this.#startedAt > STABLE_MS;
    this.#crashes = stable ? 1 : this.#crashes + 1;
    this.#endedAt = now;
    this.#output.engine.error('The engine ended unexpectedly; the next request starts it again');
  }
}

const stopped = (): EngineFailure => engineFailure('engine.stopped', t('The editor is closing.'));

function listen<Params>(
  connection: EngineConnection,
  notification: Notification<Params>,
  handler: (params: Params) => void,
): void {
  connection.onNotification(notification.method, (params) => handler(params as Params));
}

/** A cancelled request does not wait for the engine to start. */
async function orCancelled<T>(work: Promise<T>, token?: vscode.CancellationToken): Promise<T> {
  if (token === undefined) return work;
  if (token.isCancellationRequested) throw new Cancelled('cancelled');
  let listener: vscode.Disposable | undefined;
  const cancelled = new Promise<never>((_, reject) => {
    listener = token.onCancellationRequested(() => reject(new Cancelled('cancelled')));
  });
  try {
    return await Promise.race([work, cancelled]);
  } finally {
    listener?.dispose();
  }
}
