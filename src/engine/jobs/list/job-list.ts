import type { JobInfo } from '../../api/jobs.ts';
import { inOrder, isWaiting } from './places.ts';
import { OwnJobs, type JobClock } from './own-jobs.ts';
import { StoreJobs } from './store-jobs.ts';

/**
 * Lists the jobs of this user on this machine, and the jobs of others that are recorded in stores.
 */
export class JobList {
  readonly #own: OwnJobs;
  readonly #others: StoreJobs;

  constructor(home: string, clock?: JobClock) {
    this.#own = new OwnJobs(home, clock);
    this.#others = new StoreJobs(clock);
  }

  /** Lists the jobs, newest first. */
  async list(stores: readonly string[], signal: AbortSignal): Promise<readonly JobInfo[]> {
    const others = this.#others.list(stores, signal);
    const [own, found] = await Promise.all([this.#own.list(), others]);
    const known = new Set(own.map(({ id }) => id));
    const all = [...own, ...found.filter(({ id }) => !known.has(id))];
    return withAhead(all.sort((a, b) => (a.started < b.started ? 1 : -1)));
  }

  /** Returns a job of this user; undefined if it does not exist or cannot be read. */
  get(id: string): Promise<JobInfo | undefined> {
    return this.#own.get(id);
  }
}

/** Adds to each waiting job the number of jobs that start before it. */
function withAhead(jobs: readonly JobInfo[]): readonly JobInfo[] {
  const waiting = jobs.filter(isWaiting).sort(inOrder);
  if (waiting.length === 0) return jobs;
  const ahead = new Map(waiting.map(({ id }, i) => [id, i]));
  return jobs.map((job) => ({ ...job, ahead: ahead.get(job.id) ?? null }));
}
