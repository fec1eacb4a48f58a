import { hostname } from 'node:os';
import type { JobInfo, JobState } from '../../api/jobs.ts';
import { never } from '../../base/abort.ts';
import { forEachInFlight } from '../../base/in-flight.ts';
import { systemLeaseClock } from '../../backup/lease/lease-clock.ts';
import { isLive, JobFolder, jobIds } from '../folder/job-folder.ts';

/** Age in milliseconds after which a heartbeat has stopped, unless the machine was suspended. */
export const SILENT_MS = 20_000;
/**
 * Time in milliseconds that a stopped heartbeat is watched. After it, the process ID is assumed to
 * belong to another process.
 */
const WATCH_MS = 5000;
/**
 * Interval between two looks, in milliseconds, that shows that the machine was suspended. Watched
 * jobs are then watched again from the start.
 */
const SLEPT_MS = 30_000;
/** Number of states that are read at the same time. */
const AT_ONCE = 16;
/** Maximum number of ended jobs that are listed and kept. */
const KEEP = 50;

/** Time and processes as the list sees them; replaced in tests. */
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

/**
 * The jobs in this user's folder, which outlive windows and engines. The state of an ended job is
 * read once.
 */
export class OwnJobs {
  readonly #home: string;
  readonly #clock: JobClock;
  readonly #ended = new Map<string, JobInfo>();
  /** Last known states, for jobs that cannot be read now. */
  readonly #seen = new Map<string, JobInfo>();
  /** Jobs with a stopped heartbeat whose process ID is in use, by job ID. */
  readonly #watched = new Map<string, Watched>();

  constructor(home: string, clock: JobClock = systemLeaseClock) {
    this.#home = home;
    this.#clock = clock;
  }

  /**
   * Lists the jobs, unordered. Skips invalid states; a job that cannot be read now keeps its last
   * known state. Throws `source.*` if the folder cannot be read.
   */
  async list(): Promise<readonly JobInfo[]> {
    const ids = await jobIds(this.#home);
    const jobs: JobInfo[] = [];
    const look = async (id: string): Promise<void> => {
      const job = this.#ended.get(id) ?? (await this.#look(id));
      if (job !== undefined) jobs.push(job);
    };
    await forEachInFlight(ids, AT_ONCE, look, never);
    const there = new Set(ids);
    for (const known of [this.#ended, this.#watched, this.#seen]) {
      for (const id of known.keys()) if (!there.has(id)) known.delete(id);
    }
    return this.#forgetOld(jobs);
  }

  async #look(id: string): Promise<JobInfo | undefined> {
    try {
      const job = await this.get(id);
      if (job !== undefined) this.#seen.set(id, job);
      return job;
    } catch {
      return this.#seen.get(id);
    }
  }

  /**
   * Returns the current state of a job; undefined if it does not exist. Throws `source.*` if it
   * cannot be read.
   */
  async get(id: string): Promise<JobInfo | undefined> {
    const folder = new JobFolder(this.#home, id);
    let state = await folder.readState();
    if (state === undefined) return undefined;
    if (this.#looksDead(state)) {
      // The job may have ended between the two looks, so its last state counts.
      const again = await folder.readState();
      if (again === undefined) return undefined;
      if (!isLive(again) || again.pid !== state.pid) state = again;
      else return this.#info(again, 'interrupted', folder);
    }
    const info = await this.#info(state, state.state, folder);
    if (!isLive(info)) this.#ended.set(id, info);
    return info;
  }

  /**
   * Returns the job for the list. Every job in this folder can be cancelled, even if the machine's
   * name has changed since it began.
   */
  async #info(state: JobState, shown: JobInfo['state'], folder: JobFolder): Promise<JobInfo> {
    const trace = await folder.findTrace();
    const here = { elsewhere: false, owner: null, ahead: null, log: folder.log, trace };
    return { ...state, state: shown, ...here };
  }

  #looksDead({ id, state, machine, pid, heartbeat }: JobState): boolean {
    if (!isLive({ state })) return false;
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
    const ended = jobs.filter((job) => !isLive(job) && job.state !== 'interrupted');
    ended.sort((a, b) => (a.started < b.started ? 1 : -1));
    const old = new Set(ended.slice(KEEP).map(({ id }) => id));
    for (const id of old) {
      // A folder that cannot be removed now is tried again at the next look.
      await new JobFolder(this.#home, id).remove().catch(() => undefined);
    }
    return jobs.filter(({ id }) => !old.has(id));
  }
}
