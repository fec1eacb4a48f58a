import { fork, type ChildProcess } from 'node:child_process';
import { homedir } from 'node:os';
import readline from 'node:readline';
import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  IPCMessageReader,
  IPCMessageWriter,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type LanguageClientOptions,
  type MessageTransports,
} from 'vscode-languageclient/node';
import { childEnvironment } from './child-environment.ts';
import type { ClientHooks, EngineConnection } from './engine-connection.ts';

/** Time limits for the engine to shut down, and to exit after that, before it is killed. */
const SHUTDOWN_MS = 700;
const GONE_MS = 200;

/**
 * The language client as the extension uses it: started on first use, restarted by {@link Engine} and not by itself, its output
 * never pops up. Lives in a bundle of its own, which is loaded with the engine.
 */
export function createConnection(hooks: ClientHooks): EngineConnection {
  const engine = new EngineChild(hooks);
  const options: LanguageClientOptions = {
    documentSelector: [],
    outputChannel: hooks.output,
    traceOutputChannel: hooks.trace,
    // Never: a person opens the output when they want it.
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
    },
    initializationFailedHandler: () => false,
  };
  const client = new QuietClient('refpoint', 'Refpoint', () => engine.start(), options);
  client.onDidChangeState(({ newState }) => {
    if (newState === State.Stopped) hooks.closed();
  });
  return {
    start: async () => {
      const late = setTimeout(() => engine.giveUp(hooks.startMs), hooks.startMs);
      try {
        await client.start();
      } catch (error) {
        engine.kill();
        throw engine.failure ?? error;
      } finally {
        clearTimeout(late);
      }
    },
    // A token that is undefined would be sent, as a second parameter.
    request: (method, params, token) =>
      token === undefined
        ? client.sendRequest(method, params)
        : client.sendRequest(method, params, token),
    onNotification: (method, handler) => client.onNotification(method, handler),
    stop: async () => {
      try {
        // One that is still starting cannot be asked to stop.
        if (client.state === State.Running) await client.stop(SHUTDOWN_MS);
        await engine.gone(GONE_MS);
      } catch {
        // It did not answer.
      } finally {
        engine.kill();
      }
    },
  };
}

/** The library shows a toast of its own when a server does not start: {@link Engine} reports it to the caller instead. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** The engine's process. Ours instead of the library's: its folder, its environment and its end are what the extension needs. */
class EngineChild {
  readonly #hooks: ClientHooks;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  /** Why the process could not be started, or ended. */
  failure: Error | undefined;

  constructor(hooks: ClientHooks) {
    this.#hooks = hooks;
  }

  async start(): Promise<MessageTransports> {
    const { module, environment, output } = this.#hooks;
    const child = fork(module, ['--node-ipc', `--clientProcessId=${process.pid}`], {
      // Not a folder of the workspace, which could not be renamed or removed then.
      cwd: homedir(),
      env: childEnvironment(environment),
      execArgv: [],
      silent: true,
    });
    this.#child = child;
    child.on('error', (error) => (this.failure = error));
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        const how = signal === null ? `with ${code}` : `by ${signal}`;
        this.failure ??= new Error(
          vscode.l10n.t('its process ended ({0})', signal ?? String(code)),
        );
        output.info(`Engine process ${child.pid} ended ${how}`);
        resolve();
      });
    });
    this.#listen(child.stdout, (line) => output.info(line));
    this.#listen(child.stderr, (line) => output.error(line));
    return { reader: new IPCMessageReader(child), writer: new IPCMessageWriter(child) };
  }

  async gone(milliseconds: number): Promise<void> {
    const late = new Promise<void>((resolve) => {
      setTimeout(resolve, milliseconds).unref();
    });
    await Promise.race([this.#exited, late]);
  }

  /** It has not answered in time: report that to the caller, not that it was killed. */
  giveUp(milliseconds: number): void {
    const seconds = Math.ceil(milliseconds / 1000);
    this.failure ??= new Error(vscode.l10n.t('it did not answer within {0} s', seconds));
    this.kill();
  }

  kill(): void {
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }

  #listen(input: ChildProcess['stdout'], line: (text: string) => void): void {
    if (input !== null) readline.createInterface({ input, crlfDelay: Infinity }).on('line', line);
  }
}
