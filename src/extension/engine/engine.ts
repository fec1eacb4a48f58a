import path from 'node:path';
import * as vscode from 'vscode';
import {
  notifications,
  type Notification,
  type Request,
  type WithProgress,
} from '../../engine/api/methods.ts';
import type { ProgressRecord } from '../../engine/api/notifications.ts';
import type { Output } from '../output.ts';
import { backOffMs, STABLE_MS } from './back-off.ts';
import type { ClientHooks, EngineConnection } from './engine-connection.ts';
import { EngineFailure, fromRejection } from './engine-error.ts';

/**
 * The engine process: started by the first request, started again after a crash once the back-off has passed. Requests that
 * were under way when it ended fail; those that only look are asked once more.
 */
export class Engine implements vscode.Disposable {
  readonly #output: Output;
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  #connection: Promise<EngineConnection> | undefined;
  #crashes = 0;
  #startedAt = 0;
  #readyAfterMs = 0;
  #stopping = false;
  #nextToken = 1;
  readonly #progress = new Map<string, (record: ProgressRecord) => void>();
  readonly #restarted = new vscode.EventEmitter<void>();

  /** Another engine process answers from now on: what the last one held open is gone. */
  readonly onRestarted = this.#restarted.event;

  constructor(
    output: Output,
    extensionFolder: string,
    environment: Readonly<Record<string, string>>,
  ) {
    this.#output = output;
    this.#folder = extensionFolder;
    this.#environment = environment;
  }

  async request<Params, Result>(
    request: Request<Params, Result>,
    params: Params,
    token?: vscode.CancellationToken,
  ): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      const connection = await this.#connected();
      try {
        return (await connection.request(request.method, params, token)) as Result;
      } catch (error) {
        const failure = fromRejection(error);
        const lost = failure instanceof EngineFailure && failure.info.code === 'engine.lost';
        if (!lost || !request.retryable || attempt === 2 || this.#stopping) throw failure;
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

  /** From the spawn of the newest engine process to its first answer. */
  get readyAfterMs(): number {
    return this.#readyAfterMs;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.stop().catch(() => undefined);
  }

  dispose(): void {
    void this.stop();
    this.#restarted.dispose();
  }

  #connected(): Promise<EngineConnection> {
    this.#connection ??= this.#start().catch((error: unknown) => {
      this.#connection = undefined;
      this.#crashes++;
      throw new EngineFailure({
        code: 'engine.start',
        message: vscode.l10n.t('The engine did not start: {0}', (error as Error).message),
        data: {},
        permanent: false,
        userFixable: false,
        damage: false,
      });
    });
    return this.#connection;
  }

  async #start(): Promise<EngineConnection> {
    const wait = backOffMs(this.#crashes);
    if (wait > 0) {
      this.#output.engine.warn(
        `The engine ended ${this.#crashes} times; waiting ${wait / 1000} s before the next start`,
      );
      await new Promise((resolve) => {
        setTimeout(resolve, wait);
      });
    }
    const begun = Date.now();
    // eslint-disable-next-line -- loaded with the engine, not with the extension
    const { createConnection } = require(path.join(this.#folder, 'dist', 'client.cjs')) as {
      createConnection(hooks: ClientHooks): EngineConnection;
    };
    const connection = createConnection({
      module: path.join(this.#folder, 'dist', 'engine.cjs'),
      environment: this.#environment,
      output: this.#output.engine,
      trace: this.#output.trace,
      closed: () => this.#closed(),
    });
    const { progress, log, exchange } = notifications;
    this.#listen(connection, progress, (record) =>
      this.#progress.get(record.progressToken)?.(record),
    );
    this.#listen(connection, log, (record) => this.#output.record(record));
    this.#listen(connection, exchange, (record) => this.#output.exchange(record));
    await connection.start();
    this.#startedAt = Date.now();
    this.#readyAfterMs = this.#startedAt - begun;
    this.#output.engine.info(`Engine ready after ${this.#readyAfterMs} ms`);
    if (this.#crashes > 0) this.#restarted.fire();
    return connection;
  }

  #listen<Params>(
    connection: EngineConnection,
    notification: Notification<Params>,
    handler: (params: Params) => void,
  ): void {
    connection.onNotification(notification.method, (params) => handler(params as Params));
  }

  #closed(): void {
    this.#connection = undefined;
    if (this.#stopping) return;
    this.#crashes = Date.now() - this.#startedAt > STABLE_MS ? 1 : this.#crashes + 1;
    this.#output.engine.error('The engine ended unexpectedly; the next request starts it again');
  }
}
