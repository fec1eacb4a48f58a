import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import * as vscode from 'vscode';
import type { HostTarget } from '../../engine/api/host.ts';
import type { JobInput, JobSpec } from '../../engine/api/jobs.ts';
import { childEnvironment } from '../engine/child-environment.ts';
import { ownFailure } from '../errors/own-failure.ts';

/** A job that has not said by then that its state is kept never will. */
const ANNOUNCE_MS = 60_000;

const { t } = vscode.l10n;

/**
 * Starts a job in a process of its own that outlives this window, the extension host and the engine. What it needs to know,
 * the password included, goes through its stdin and nowhere else. Answers the job's id once the job's state is kept, so that
 * whoever looks for it finds it; throws `job.start` where it does not get there.
 *
 * `detached` makes it the leader of its own session on POSIX, so that no hang-up reaches it. On Windows it keeps it out of the
 * job object with which Node ends its children, and without a console to close. Ending the tree of processes below the engine
 * does not reach it either: its parent is the extension host.
 */
export async function startJob(
  extensionFolder: string,
  environment: Readonly<Record<string, string>>,
  title: string,
  spec: JobSpec,
  target: HostTarget | null,
): Promise<string> {
  const input: JobInput = { version: 1, id: randomUUID(), title, spec, target };
  const command = path.join(extensionFolder, 'dist', 'cli.cjs');
  const child = spawn(process.execPath, [command, 'job', '--announce'], {
    // Not a folder of the workspace or the extension, which could not be renamed or removed while it runs.
    cwd: homedir(),
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: childEnvironment(environment),
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
  return input.id;
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
      reject(ownFailure('job.start', t('The job could not be started: {0}', why)));
    };
    const timer = setTimeout(() => fail(t('it did not answer')), ANNOUNCE_MS);
    let errors = '';
    streams.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString('utf8')).slice(-4096);
    });
    child.once('error', (error) => fail(error.message));
    child.once('close', (status) => {
      // The command says a sentence first; what Node says of a crash begins with a place in a file.
      const lines = errors.trim().split('\n');
      const said = lines.find((line) => /^\w*Error: /.test(line)) ?? lines[0] ?? '';
      fail(said === '' ? t('it ended with {0}', String(status)) : said);
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
