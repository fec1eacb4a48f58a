import { spawn, type ChildProcess } from 'node:child_process';
import { homedir } from 'node:os';
import readline from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { JobInput } from '../../api/jobs.ts';
import { jobError } from '../spec/job-errors.ts';

/** A job that has not said by then that its state is kept never will. */
const ANNOUNCE_MS = 60_000;

/**
 * Threads of libuv's pool in the process of a job. Calls to Windows' virtual disk API wait there
 * beside the reads and writes of files, which must not wait for them; the default is four.
 */
const POOL_THREADS = 16;

/** The command as a program with its first arguments, and the environment of what it starts. */
export interface Program {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Starts a job in a process of its own. What it needs to know, passwords included, goes through its stdin and nowhere else.
 * Resolves once that process keeps the job's state; throws `job.start` if it does not get there.
 *
 * `detached` makes it the leader of its own session on POSIX, so that no hang-up reaches it. On Windows it keeps it out of the
 * job object with which Node ends its children, and without a console to close.
 */
export async function startJobProcess(input: JobInput, { words, env }: Program): Promise<void> {
  const [program = '', ...first] = words;
  const child = spawn(program, [...first, 'job', '--announce'], {
    // Not a folder that somebody may want to rename or remove while the job runs.
    cwd: homedir(),
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...env, UV_THREADPOOL_SIZE: String(POOL_THREADS) },
  });
  const { stdin, stdout, stderr } = child;
  try {
    await announced(child, { stdin, stdout, stderr }, JSON.stringify(input));
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    // From here on it is on its own: what it says is in its state and its log.
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
    child.unref();
  }
}

interface Streams {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

function announced(child: ChildProcess, streams: Streams, input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(
        jobError('job.start', `The process of the job could not be started: ${why}`, { data: {} }),
      );
    };
    const timer = setTimeout(() => fail('it did not answer'), ANNOUNCE_MS);
    let errors = '';
    streams.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString('utf8')).slice(-4096);
    });
    child.once('error', (error) => fail(error.message));
    child.once('close', (status) => {
      // The command prints a sentence first; Node's report of a crash begins with a file name.
      const lines = errors.trim().split('\n');
      const said = lines.find((line) => /^\w*Error: /.test(line)) ?? lines[0] ?? '';
      fail(said === '' ? `it ended with ${String(status)}` : said);
    });
    // It may end before it has read all: then its end tells.
    streams.stdin.once('error', () => undefined);
    readline.createInterface({ input: streams.stdout }).once('line', () => {
      clearTimeout(timer);
      resolve();
    });
    streams.stdin.end(input);
  });
}
