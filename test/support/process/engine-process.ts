import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type CancellationToken,
  type MessageConnection,
} from 'vscode-languageserver/node';
import { notifications, type Request } from '../../../src/engine/api/methods.ts';
import type {
  ExchangeRecord,
  LogRecord,
  ProgressRecord,
} from '../../../src/engine/api/notifications.ts';
import { delay, never } from '../../../src/engine/base/abort.ts';
import { afterwards } from '../checks/afterwards.ts';
import { cleanEnvironment } from './command.ts';

/** The bundled engine, as it ships. */
export const ENGINE = join(process.cwd(), 'dist', 'engine.cjs');

/** The engine as a process of its own, spoken to over the transport of production. */
export interface EngineProcess {
  readonly process: ChildProcess;
  readonly connection: MessageConnection;
  /** Milliseconds from before the process was started to the answer of `initialize`. */
  readonly readyAfter: number;
  readonly logs: LogRecord[];
  readonly exchanges: ExchangeRecord[];
  readonly progress: ProgressRecord[];
  /** What it said to the editor's log, and on stdout and stderr. */
  readonly output: () => string;
  request<Params, Result>(
    request: Request<Params, Result>,
    params: Params,
    token?: CancellationToken,
  ): Promise<Result>;
  /** Shuts it down in order; milliseconds until it was gone. */
  stop(): Promise<number>;
}

export interface EngineStart {
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the engine; it is gone when the test ends. */
export async function startEngine(
  t: TestContext,
  { home, env = {} }: EngineStart,
): Promise<EngineProcess> {
  if (!existsSync(ENGINE)) throw new Error(`${ENGINE} is missing: run \`npm run build\` first`);
  const begun = performance.now();
  const child = fork(ENGINE, ['--node-ipc', `--clientProcessId=${process.pid}`], {
    silent: true,
    execArgv: [],
    env: { ...cleanEnvironment(), REFPOINT_HOME: home, ...env },
  });
  const ended = once(child, 'exit');
  afterwards(t, async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const connection = createMessageConnection(
    new IPCMessageReader(child),
    new IPCMessageWriter(child),
  );
  const logs: LogRecord[] = [];
  const exchanges: ExchangeRecord[] = [];
  const progress: ProgressRecord[] = [];
  connection.onNotification(
    notifications.log.method,
    (record: LogRecord) => void logs.push(record),
  );
  connection.onNotification(
    notifications.exchange.method,
    (record: ExchangeRecord) => void exchanges.push(record),
  );
  connection.onNotification(
    notifications.progress.method,
    (record: ProgressRecord) => void progress.push(record),
  );
  connection.onNotification('window/logMessage', ({ message }: { readonly message: string }) => {
    output += `${message}\n`;
  });
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
  });
  const readyAfter = performance.now() - begun;
  await connection.sendNotification('initialized', {});
  return {
    process: child,
    connection,
    readyAfter,
    logs,
    exchanges,
    progress,
    output: () => output,
    request: (request, params, token) =>
      connection.sendRequest(request.method, params, ...(token === undefined ? [] : [token])),
    stop: async () => {
      const asked = performance.now();
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      await ended;
      connection.dispose();
      return performance.now() - asked;
    },
  };
}

/** Whether a process is gone; one that nobody has waited for yet is. */
export function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  if (process.platform !== 'linux') return false;
  try {
    return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

/** Milliseconds until a process is gone. */
export async function untilEnded(pid: number): Promise<number> {
  const begun = performance.now();
  while (!hasEnded(pid)) await delay(20, never);
  return performance.now() - begun;
}

/** Runs a script in a Node process of its own, as whoever starts engines and jobs may be; its stdout comes line by line. */
export function startScript(
  t: TestContext,
  script: string,
  stdio: readonly ('pipe' | 'ignore')[] = ['pipe', 'pipe', 'pipe'],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(process.execPath, ['-e', script], {
    stdio: [...stdio],
    env: { ...cleanEnvironment(), ...env },
  });
  afterwards(t, () => {
    child.kill('SIGKILL');
    // What it handed on to others may hold the other ends open.
    for (const stream of child.stdio) stream?.destroy();
  });
  return child;
}
