import { hostname } from 'node:os';
import type { JobInfo, JobState } from '../../api/jobs.ts';
import { systemLeaseClock } from '../../backup/lease-clock.ts';
import { JobFolder, jobIds } from './job-folder.ts';

/** A heartbeat that is older than this has stopped, unless the machine slept. */
export const SILENT_MS = 20_000;
/** So long a stopped heartbeat is watched before its process id, which may be another's by now, is believed no more. */
const WATCH_MS = 5000;
/** A look this long after the last one: the machine slept, and what was watched is watched anew. */
const SLEPT_MS = 30_000;
/** Ended jobs that are shown, and kept. */
const KEEP = 50;

/** Time and processes as the list sees them; tests bring their own. */
export interface JobClock {
  /** Milliseconds since 1970. */
  now(): number;
  isAlive(pid: number): boolean;
}

interface Watched {
  readonly heartbeat: string;
  readonly since: number;
  readonly last: number;
}

/** The jobs of this user's folder, which outlive windows and engines. An ended one is read once. */
export class OwnJobs {
  readonly #home: string;
  readonly #clock: JobClock;
  readonly #ended = new Map<string, JobInfo>();
  /** Silent ones whose process id lives, by id. */
  readonly #watched = new Map<string, Watched>();

  constructor(home: string, clock: JobClock = systemLeaseClock) {
    this.#home = home;
    this.#clock = clock;
  }

  /** In no order. States that cannot be read are left out. */
  async list(): Promise<readonly JobInfo[]> {
    const ids = await jobIds(this.#home);
    const found = await Promise.all(ids.map(async (id) => this.#ended.get(id) ?? this.get(id)));
    const jobs = found.filter((job) => job !== undefined);
    const there = new Set(ids);
    for (const known of [this.#ended, this.#watched]) {
      for (const id of known.keys()) if (!there.has(id)) known.delete(id);
    }
    return this.#forgetOld(jobs);
  }

  /** One job as it is now; undefined where there is none. */
  async get(id: string): Promise<JobInfo | undefined> {
    const folder = new JobFolder(this.#home, id);
    let state = await folder.readState();
    if (state === undefined) return undefined;
    if (this.#looksDead(state)) {
      // It may have ended between the two looks: what it wrote last counts.
      const again = await folder.readState();
      if (again === undefined) return undefined;
      if (again.state !== 'running') state = again;
      else return this.#info(again, 'interrupted', folder.log);
    }
    const info = this.#info(state, state.state, folder.log);
    if (info.state !== 'running') this.#ended.set(id, info);
    return info;
  }

  #info(state: JobState, shown: JobInfo['state'], log: string): JobInfo {
    const elsewhere = shown === 'running' && state.machine !== hostname();
    return { ...state, state: shown, elsewhere, owner: null, log };
  }

  #looksDead({ id, state, machine, pid, heartbeat }: JobState): boolean {
    if (state !== 'running') return false;
    if (machine === hostname() && !this.#clock.isAlive(pid)) return true;
    const now = this.#clock.now();
    if (now - Date.parse(heartbeat) <= SILENT_MS) {
      this.#watched.delete(id);
      return false;
    }
    const before = this.#watched.get(id);
    const same = before?.heartbeat === heartbeat && now - before.last < SLEPT_MS;
    const since = same ? before.since : now;
    this.#watched.set(id, { heartbeat, since, last: now });
    return now - since >= WATCH_MS;
  }

  async #forgetOld(jobs: readonly JobInfo[]): Promise<readonly JobInfo[]> {
    const ended = jobs.filter(({ state }) => state !== 'running' && state !== 'interrupted');
    ended.sort((a, b) => (a.started < b.started ? 1 : -1));
    const old = new Set(ended.slice(KEEP).map(({ id }) => id));
    for (const id of old) {
      // One that cannot be removed now is tried again with the next look.
      await new JobFolder(this.#home, id).remove().catch(() => undefined);
    }
    return jobs.filter(({ id }) => !old.has(id));
  }
}
