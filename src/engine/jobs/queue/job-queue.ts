import type { JobInput, JobState } from '../../api/jobs.ts';
import { delay } from '../../base/abort.ts';
import { deferred } from '../../base/deferred.ts';
import { JobFolder } from '../folder/job-folder.ts';
import { newState, noteOfError } from '../folder/job-writer.ts';
import { OwnJobs } from '../list/own-jobs.ts';
import { fits, hasPlace, inOrder, isWaiting } from '../list/places.ts';

/** Interval at which waiting jobs check for a free place and for a cancellation, in milliseconds. */
const LOOK_MS = 200;
const HEARTBEAT_MS = 5000;
/** Two that claimed the last place at the same time try again after different times of at most this. */
const AGAIN_MS = 300;

/** A job that this process waits with. */
export interface QueuedJob {
  /**
   * Settles with true once the job has a place: the waiting process starts it now, and the runner writes its state from then on. Settles with false if it was cancelled; its state records that.
   */
  readonly place: Promise<boolean>;
  /** Ends it as failed: it has a place and could not be started. */
  fail(error: unknown): Promise<void>;
}

interface Waiting {
  readonly folder: JobFolder;
  state: JobState & { readonly queue: NonNullable<JobState['queue']> };
  readonly settle: (place: boolean) => void;
}

/**
 * Jobs of this process that wait for a place. The queue is the states in the user's folder: all processes of the user see the
 * same jobs there, those that run and those that wait. Secrets stay in the memory of the process that waits.
 *
 * The queue needs no lock. A job that sees a free place and no job before it claims the place: it writes that into its state,
 * then reads all states again. If too many jobs have a place or claim one, it releases its claim and tries again after a random
 * time. Of two jobs that claim the same place at least one sees the other, since each writes before it reads. A dead process has
 * neither place nor claim.
 */
export class JobQueue {
  readonly #home: string;
  readonly #jobs: OwnJobs;
  readonly #waiting = new Map<string, Waiting>();
  readonly #signal: AbortSignal;
  #order = 0;
  #adding: Promise<void> = Promise.resolve();
  #beat = 0;
  #running = false;
  #wake = new AbortController();

  /** @param signal cancels all that wait. */
  constructor(home: string, signal: AbortSignal) {
    this.#home = home;
    this.#jobs = new OwnJobs(home);
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake.abort(), { once: true });
  }

  /** Number of waiting jobs. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves once the job's state is kept. Throws `source.*`. @param parallel jobs that may run for it to start, itself included. */
  async add(input: JobInput, parallel: number): Promise<QueuedJob> {
    // One after the other, so that they wait in the order in which they came.
    const added = this.#adding.then(() => this.#add(input, parallel));
    this.#adding = added.then(nothing, nothing);
    return added;
  }

  async #add(input: JobInput, parallel: number): Promise<QueuedJob> {
    const folder = new JobFolder(this.#home, input.id);
    const state = newState(input);
    const order = this.#order++;
    const queue = { since: state.started, order, parallel, claiming: false };
    const place = deferred<boolean>();
    const waiting: Waiting = {
      folder,
      state: { ...state, state: 'queued', queue },
      settle: place.resolve,
    };
    await folder.create();
    await folder.writeState(waiting.state);
    this.#waiting.set(input.id, waiting);
    this.#wake.abort();
    if (!this.#running) void this.#run();
    const fail = (error: unknown): Promise<void> =>
      write(waiting, { state: 'failed', error: noteOfError(error) });
    return { place: place.promise, fail };
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.size > 0) {
      this.#wake = new AbortController();
      try {
        await this.#cancel();
        await this.#keepAlive();
        if (!(await this.#start())) await pause(Math.random() * AGAIN_MS, this.#signal);
      } catch {
        // The folder cannot be read or written now: all wait until it can.
      }
      if (this.#signal.aborted && this.#waiting.size > 0) await this.#cancel();
      // A pause after the last one has its place would hold up the end of a command.
      else if (this.#waiting.size > 0) await pause(LOOK_MS, this.#wake.signal);
    }
    this.#running = false;
  }

  /** Ends those that somebody cancelled. */
  async #cancel(): Promise<void> {
    for (const [id, waiting] of this.#waiting) {
      if (!this.#signal.aborted && !(await waiting.folder.cancelAsked())) continue;
      this.#waiting.delete(id);
      // That it cannot be written leaves a job whose process is dead, soon.
      await write(waiting, { state: 'cancelled' }).catch(() => undefined);
      waiting.settle(false);
    }
  }

  async #keepAlive(): Promise<void> {
    const now = Date.now();
    if (now - this.#beat < HEARTBEAT_MS) return;
    this.#beat = now;
    for (const waiting of this.#waiting.values()) await write(waiting, {});
  }

  /** Gives places to the next jobs. Returns false if a claim was released again. */
  async #start(): Promise<boolean> {
    let all = await this.#jobs.list();
    for (const [id, waiting] of this.#waiting) {
      const { spec, queue } = waiting.state;
      const others = all.filter((each) => each.id !== id);
      const placed = others.filter(hasPlace);
      if (!fits(spec, queue.parallel, placed)) continue;
      const first = others
        .filter(isWaiting)
        .filter((each) => !this.#waiting.has(each.id) && inOrder(each, waiting.state) < 0)
        .some((each) => fits(each.spec, each.queue.parallel, placed));
      // Its process is about to see the place as well.
      if (first) continue;
      if (!(await this.#claim(id, waiting))) return false;
      all = await this.#jobs.list();
    }
    return true;
  }

  async #claim(id: string, waiting: Waiting): Promise<boolean> {
    const { spec, queue } = waiting.state;
    await write(waiting, { queue: { ...queue, claiming: true } });
    const others = (await this.#jobs.list()).filter((each) => each.id !== id);
    if (!fits(spec, queue.parallel, others.filter(hasPlace))) {
      await write(waiting, { queue: { ...queue, claiming: false } });
      return false;
    }
    this.#waiting.delete(id);
    waiting.settle(true);
    return true;
  }
}

const nothing = (): void => undefined;

async function write(waiting: Waiting, change: Partial<Waiting['state']>): Promise<void> {
  const ended = change.state !== undefined && change.state !== 'queued';
  const heartbeat = new Date().toISOString();
  const state = { ...waiting.state, ...change, heartbeat };
  await waiting.folder.writeState(ended ? { ...state, queue: null } : state);
  waiting.state = state;
}

/** Waits; returns early with the signal. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, signal).catch(() => undefined);
}
