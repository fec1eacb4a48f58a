import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import * as vscode from 'vscode';
import type { HostTarget } from '../../engine/api/host.ts';
import type { JobInput, JobSpec, QueueLine, QueueReply } from '../../engine/api/jobs.ts';
import { childEnvironment } from '../engine/child-environment.ts';
import { ownFailure } from '../errors/own-failure.ts';

/** A process that has not said by then that it keeps a job's state never will. */
const ANSWER_MS = 60_000;

const { t } = vscode.l10n;

/** A job that was sent and is not answered yet. */
interface Asked {
  readonly resolve: () => void;
  readonly reject: (why: string) => void;
}

/** The process that waits with this window's jobs, and starts each in a process of its own when it has a place. */
interface Waiter {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly streams: readonly (Readable | Writable)[];
  readonly asked: Map<string, Asked>;
  /** Jobs that it waits with. */
  readonly waiting: Set<string>;
}

/**
 * Starts jobs that outlive this window, the extension host and the engine. One process waits with all jobs of this window that
 * have no place yet; it holds what they need to know, passwords included, in its memory alone, and goes when it has nothing to
 * wait with. When the window closes or is reloaded it goes on until its last job was started.
 *
 * `detached` makes it the leader of its own session on POSIX, so that no hang-up reaches it. On Windows it keeps it out of the
 * job object with which Node ends its children, and without a console to close. Ending the tree of processes below the engine
 * does not reach it either: its parent is the extension host.
 */
export class JobStarter implements vscode.Disposable {
  readonly #command: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #parallel: () => number;
  readonly #recorded: () => boolean;
  #waiter: Waiter | undefined;

  /**
   * @param parallel jobs that may run at the same time; asked for with each job.
   * @param recorded whether a job records its exchanges; asked for with each job.
   */
  constructor(
    extensionFolder: string,
    environment: Readonly<Record<string, string>>,
    parallel: () => number,
    recorded: () => boolean = () => false,
  ) {
    this.#command = path.join(extensionFolder, 'dist', 'cli.cjs');
    this.#environment = environment;
    this.#parallel = parallel;
    this.#recorded = recorded;
  }

  /** Returns the job's id once its state is kept, so that every process finds it. Throws `job.start`. */
  async start(title: string, spec: JobSpec, target: HostTarget | null): Promise<string> {
    const work = { version: 1, id: randomUUID(), title, spec, target, store: null } as const;
    const job: JobInput = this.#recorded() ? { ...work, trace: true } : work;
    const line: QueueLine = { job, parallel: this.#parallel() };
    const waiter = (this.#waiter ??= this.#spawn());
    const fail = (why: string): Error =>
      ownFailure('job.start', t('The job could not be started: {0}', why));
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        timer = setTimeout(() => reject(fail(t('it did not answer'))), ANSWER_MS);
        waiter.asked.set(job.id, { resolve, reject: (why) => reject(fail(why)) });
        waiter.waiting.add(job.id);
        waiter.stdin.write(`${JSON.stringify(line)}\n`);
      });
    } catch (error) {
      this.#left(waiter, job.id);
      throw error;
    } finally {
      clearTimeout(timer);
      waiter.asked.delete(job.id);
    }
    return job.id;
  }

  /** Leaves the process to itself. */
  dispose(): void {
    for (const stream of this.#waiter?.streams ?? []) stream.destroy();
    this.#waiter = undefined;
  }

  #spawn(): Waiter {
    const child = spawn(process.execPath, [this.#command, 'job', '--queue'], {
      // Not a folder of the workspace or the extension, which could not be renamed or removed while it runs.
      cwd: homedir(),
      detached: true,
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: childEnvironment(this.#environment),
    });
    const { stdin, stdout, stderr } = child;
    const streams = [stdin, stdout, stderr];
    const waiter: Waiter = { child, stdin, streams, asked: new Map(), waiting: new Set() };
    const ended = (why: string): void => {
      if (this.#waiter === waiter) this.#waiter = undefined;
      for (const asked of waiter.asked.values()) asked.reject(why);
    };
    let errors = '';
    stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString('utf8')).slice(-4096);
    });
    child.once('error', (error) => ended(error.message));
    child.once('close', (status) => {
      // The command prints a sentence first; Node's report of a crash begins with a file name.
      const lines = errors.trim().split('\n');
      const said = lines.find((line) => /^\w*Error: /.test(line)) ?? lines[0] ?? '';
      ended(said === '' ? t('it ended with {0}', String(status)) : said);
    });
    // It may end before it has read all: then its end tells.
    stdin.on('error', () => undefined);
    readline.createInterface({ input: stdout }).on('line', (line) => this.#hear(waiter, line));
    child.unref();
    return waiter;
  }

  #hear(waiter: Waiter, line: string): void {
    const { job, state, error } = JSON.parse(line) as QueueReply;
    if (state === 'queued') waiter.asked.get(job)?.resolve();
    else if (state === 'refused') waiter.asked.get(job)?.reject(error?.message ?? '');
    else this.#left(waiter, job);
  }

  /** One that has nothing to wait with any more ends when it reads no more. */
  #left(waiter: Waiter, job: string): void {
    waiter.waiting.delete(job);
    if (waiter.waiting.size > 0) return;
    waiter.stdin.end();
    if (this.#waiter === waiter) this.#waiter = undefined;
  }
}
