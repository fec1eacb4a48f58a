import { hostname } from 'node:os';
import type { JobInfo, JobState } from '../../api/jobs.ts';
import type { JobState as StoredState } from '../../backup/job-state.ts';
import { storedJobs } from '../../backup/job-list.ts';
import { DirectoryStore } from '../../backup/store/directory-store.ts';
import { describeVms } from '../../backup/store/vm-names.ts';
import { JobFolder, jobIds } from './job-folder.ts';

/** A state that is older than this has nobody behind it, whatever its process id says. */
const SILENT_MS = 20_000;
/** Ended jobs that are shown, and kept. */
const KEEP = 50;

/** Jobs of this user on this machine, and those of others that the stores tell of; the newest first. */
export async function listJobs(
  home: string,
  stores: readonly string[],
  signal: AbortSignal,
): Promise<readonly JobInfo[]> {
  const own: JobInfo[] = [];
  for (const id of await jobIds(home)) {
    const folder = new JobFolder(home, id);
    const state = await folder.readState();
    if (state !== undefined) own.push(toInfo(state, folder.log));
  }
  const known = new Set(own.map(({ id }) => id));
  const others: JobInfo[] = [];
  for (const path of stores) {
    // A store that cannot be read now says nothing of jobs; its own view says why.
    others.push(...(await elsewhere(path, known, signal).catch(() => [])));
  }
  const all = [...own, ...others].sort((a, b) => (a.started < b.started ? 1 : -1));
  await forgetOld(home, own);
  return all;
}

function toInfo(state: JobState, log: string): JobInfo {
  const { machine, pid, heartbeat } = state;
  const running = state.state === 'running';
  return {
    ...state,
    state: running && isDead({ machine, pid, heartbeat }) ? 'interrupted' : state.state,
    elsewhere: false,
    log,
  };
}

function isDead(job: {
  readonly machine: string;
  readonly pid: number;
  readonly heartbeat: string;
}): boolean {
  if (Date.now() - Date.parse(job.heartbeat) > SILENT_MS) return true;
  return job.machine === hostname() && !isAlive(job.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Running backups of other machines, users or terminals into a store. */
async function elsewhere(
  path: string,
  known: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<JobInfo[]> {
  const store = await DirectoryStore.open(path, { create: false }, signal);
  const out: JobInfo[] = [];
  for (const vm of await describeVms(store, signal)) {
    for (const state of await storedJobs(store, vm.id, signal)) {
      const silent = Date.now() - Date.parse(state.heartbeat) > SILENT_MS;
      if (state.state !== 'running' || silent || known.has(state.job.id)) continue;
      out.push(foreign(state, path, vm.name === '' ? vm.id : vm.name));
    }
  }
  return out;
}

function foreign(state: StoredState, store: string, title: string): JobInfo {
  const { job, pid, started, heartbeat } = state;
  return {
    version: 1,
    id: job.id,
    title,
    spec: { kind: 'backup', host: '', vm: job.vm, store, options: job.options },
    machine: '',
    pid,
    state: 'running',
    started,
    heartbeat,
    progress: null,
    result: null,
    error: null,
    elsewhere: true,
    log: null,
  };
}

async function forgetOld(home: string, own: readonly JobInfo[]): Promise<void> {
  const ended = own.filter((job) => job.state !== 'running' && job.state !== 'interrupted');
  ended.sort((a, b) => (a.started < b.started ? 1 : -1));
  for (const { id } of ended.slice(KEEP)) await new JobFolder(home, id).remove();
}
