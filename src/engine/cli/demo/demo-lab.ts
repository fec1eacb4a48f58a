import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { LabLine } from '../../lab/host/lab-host.ts';
import { cliError } from '../contract/cli-errors.ts';

/** A lab in its own process, as `lab start` starts it. */
export interface DemoLab {
  readonly line: LabLine;
  readonly password: string;
  stop(): Promise<void>;
}

/** Time limit for the lab to report that it is serving. */
const START_MS = 60_000;

/**
 * Starts this program as a lab in a child process. The lab ends with `stop`, or with this process,
 * which closes its stdin.
 */
export async function startDemoLab(dir: string, signal: AbortSignal): Promise<DemoLab> {
  const password = randomBytes(12).toString('base64url');
  const [, script = ''] = process.argv;
  const child = spawn(process.execPath, [script, 'lab', 'start', '--dir', dir], {
    env: { ...process.env, REFPOINT_PASSWORD: password, REFPOINT_PARENT_STDIN: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  try {
    const line = JSON.parse(await firstLine(child, signal)) as LabLine;
    return { line, password, stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

async function firstLine(child: ChildProcess, signal: AbortSignal): Promise<string> {
  let text = '';
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve, reject) => {
    const fail = (why: string): void =>
      reject(cliError('demo.failed', `The lab did not start: ${why} ${errors}`));
    const timer = setTimeout(() => fail('it did not respond.'), START_MS);
    child.once('error', (error) => fail(error.message));
    child.once('close', (status) => {
      clearTimeout(timer);
      fail(`it ended with ${status}.`);
    });
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end < 0) return;
      clearTimeout(timer);
      resolve(text.slice(0, end));
    });
  });
}

/** Closes the lab's stdin, so that it shuts down cleanly; signals are not portable. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await closed;
  clearTimeout(timer);
}
