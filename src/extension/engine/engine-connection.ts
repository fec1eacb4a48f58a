import type { CancellationToken, Disposable, LogOutputChannel } from 'vscode';

/** Arguments of the bundle with the language client. */
export interface ClientHooks {
  /** Path of the engine's bundle. */
  readonly module: string;
  /** The engine is killed where it has not answered by then. */
  readonly startMs: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly output: LogOutputChannel;
  readonly trace: LogOutputChannel;
  /** The engine exited, expected or not. */
  readonly closed: () => void;
}

/** A started engine, as far as the extension knows it. */
export interface EngineConnection {
  start(): Promise<void>;
  request(method: string, params: unknown, token?: CancellationToken): Promise<unknown>;
  onNotification(method: string, handler: (params: unknown) => void): Disposable;
  stop(): Promise<void>;
}
