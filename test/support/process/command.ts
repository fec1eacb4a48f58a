import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

/** The bundled command, as users have it; `npm test` builds it first. */
export const COMMAND = join(process.cwd(), 'dist', 'cli.cjs');

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs `refpoint ARGS` to its end. */
export async function refpoint(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Outcome> {
  const child = startRefpoint(args, options);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** Runs `refpoint ARGS --json`, which must succeed, and returns its document. */
export async function refpointJson<T>(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<T> {
  const outcome = await refpoint([...args, '--json'], options);
  if (outcome.status !== 0) {
    throw new Error(
      `refpoint ${args.join(' ')} ended with ${outcome.status}:\n${outcome.stdout}${outcome.stderr}`,
    );
  }
  return JSON.parse(outcome.stdout) as T;
}

/** Starts `refpoint ARGS` and leaves it running. */
export function startRefpoint(
  args: readonly string[],
  options: CommandOptions = {},
  stdin: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  if (!existsSync(COMMAND)) throw new Error(`${COMMAND} is missing: run \`npm run build\` first`);
  return spawn(process.execPath, [COMMAND, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: { ...cleanEnvironment(), ...options.env },
    stdio: [stdin, 'pipe', 'pipe'],
  });
}

/** Nothing of the person's own settings and folders reaches a test. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const rest = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('REFPOINT_') && name !== 'NODE_TEST_CONTEXT',
  );
  return { ...Object.fromEntries(rest), REFPOINT_HOME: testHome() };
}

let home: string | undefined;

/** The user's folder of tests that give none of their own; removed when the process ends. */
export function testHome(): string {
  if (home === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'refpoint-test-home-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    home = made;
  }
  return home;
}

/** A lab that runs as a process of its own, as `lab start` makes it. */
export interface RunningLab {
  readonly dir: string;
  readonly http: string;
  /** The first line that it printed. */
  readonly line: object;
  readonly hostOptions: readonly string[];
  readonly pathMapOptions: readonly string[];
  /** Password and nothing else. */
  readonly env: Readonly<Record<string, string>>;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

interface LabLine {
  readonly dir: string;
  readonly http: string;
  readonly user: string;
  readonly password?: string;
  readonly pathMap: Readonly<Record<string, string>>;
}

/** `lab start --dir DIR`; returns once its first line has come. */
export async function startLabProcess(
  dir: string,
  extra: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Promise<RunningLab> {
  const password = 'Lab-Pa55word';
  const env = { REFPOINT_PASSWORD: password, REFPOINT_PARENT_STDIN: '1', ...more };
  const child = startRefpoint(['lab', 'start', '--dir', dir, ...extra], { env }, 'pipe');
  const line = JSON.parse(await firstLine(child)) as LabLine;
  return {
    dir,
    http: line.http,
    line,
    hostOptions: ['--host', line.http, '--user', line.user],
    pathMapOptions: Object.entries(line.pathMap).flatMap(([host, local]) => [
      '--path-map',
      `${host}=${local}`,
    ]),
    env: { REFPOINT_PASSWORD: line.password ?? password },
    process: child,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'close');
      // Windows has no signal that lets a process end in order.
      child.stdin?.end();
      await closed;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('close', (status) => reject(new Error(`lab start ended with ${status}: ${errors}`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
  });
}
