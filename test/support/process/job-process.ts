import { randomUUID } from 'node:crypto';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { JobInfo, JobInput, JobSpec, JobState } from '../../../src/engine/api/jobs.ts';
import { delay, never } from '../../../src/engine/base/abort.ts';
import { JobFolder } from '../../../src/engine/jobs/folder/job-folder.ts';
import { JobList } from '../../../src/engine/jobs/list/job-list.ts';
import { backupOptions, type BackupLab } from '../backup/backup-lab.ts';
import { startRefpoint } from './command.ts';

export interface StartedJob {
  readonly id: string;
  readonly process: ChildProcess;
  /** The exit status; null where a signal ended it. */
  readonly closed: Promise<number | null>;
  readonly errors: () => string;
  kill(): void;
}

export const homeOf = (lab: BackupLab): string => join(lab.folder, 'home');

export function backupSpec(lab: BackupLab, store: string, vm = 'vm'): JobSpec {
  return { kind: 'backup', host: lab.target.url, vm, store, options: backupOptions(lab) };
}

export function jobInput(lab: BackupLab, spec: JobSpec): JobInput {
  const needsHost = spec.kind === 'backup' || spec.kind === 'export';
  const target = needsHost ? lab.target : null;
  return { version: 1, id: randomUUID(), title: 'vm', spec, target, store: null };
}

/** `refpoint job` as a child of the test. */
export function startJob(
  lab: BackupLab,
  spec: JobSpec,
  env: Readonly<Record<string, string>> = {},
  more: Pick<JobInput, 'trace'> = {},
): StartedJob {
  const input = { ...jobInput(lab, spec), ...more };
  const child = startRefpoint(['job'], { env: { REFPOINT_HOME: homeOf(lab), ...env } }, 'pipe');
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdin?.end(JSON.stringify(input));
  const closed = once(child, 'close').then(([status]) => status as number | null);
  return {
    id: input.id,
    process: child,
    closed,
    errors: () => errors,
    kill: () => child.kill('SIGKILL'),
  };
}

/** The jobs as an engine that was just started sees them. */
export function listJobs(
  lab: BackupLab,
  stores: readonly string[] = [],
  home = homeOf(lab),
): Promise<readonly JobInfo[]> {
  return new JobList(home).list(stores, never);
}

/** Looks until a job is as `wanted`. */
export async function untilJob(
  lab: BackupLab,
  id: string,
  wanted: JobInfo['state'] | ((job: JobInfo) => boolean),
): Promise<JobInfo> {
  const list = new JobList(homeOf(lab));
  for (;;) {
    const job = await list.get(id);
    if (job !== undefined && (typeof wanted === 'string' ? job.state === wanted : wanted(job))) {
      return job;
    }
    await delay(20, never);
  }
}

export async function askToCancel(lab: BackupLab, id: string): Promise<void> {
  await new JobFolder(homeOf(lab), id).askToCancel();
}

/** A state as a running job of this machine writes it. */
export function sampleState(change: Partial<JobState> = {}): JobState {
  const time = new Date().toISOString();
  return {
    version: 1,
    id: randomUUID(),
    title: 'vm',
    spec: { kind: 'verify', store: '/store', vm: 'vm', points: [], quick: true },
    machine: 'machine',
    pid: process.pid,
    state: 'running',
    queue: null,
    stopping: false,
    started: time,
    heartbeat: time,
    progress: null,
    result: null,
    error: null,
    ...change,
  };
}
