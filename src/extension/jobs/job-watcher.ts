import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/api/jobs.ts';
import { requests } from '../../engine/api/methods.ts';
import { ownFailure } from '../errors/own-failure.ts';
import type { Engine } from '../engine/engine.ts';
import { isLive } from './live-job.ts';
import { Pace } from '../polling/pace.ts';
import { readStores } from '../settings/stores.ts';

const RUNNING_MS = 700;
/** Somebody waits for the end of a job in a window without the focus: nobody sees its progress. */
const UNSEEN_MS = 3000;
/** While no job runs: of this machine they lie on its disk, of others in stores, which may be shares. */
const IDLE_MS = 5000;
const LONGEST_IDLE_MS = 20_000;
/** A started job writes its state at once; one that was not found in this number of checks never will. */
const SILENT_LOOKS = 30;
/** A job that is missing from this number of checks in a row is gone: one look may miss what is being written. */
const GONE_LOOKS = 3;
/** Number of failed checks in a row before waiting callers get the error: the engine has been started again and again by then. */
const FAILED_LOOKS = 30;

interface Seen {
  readonly visible: boolean;
  readonly focused: boolean;
}

interface Waiter {
  readonly onProgress: (job: JobInfo) => void;
  readonly resolve: (job: JobInfo) => void;
  readonly reject: (error: unknown) => void;
  last: JobInfo | undefined;
  /** Number of checks after which a job that was not found is abandoned. */
  unseen: number;
}

/** Looks at the jobs while somebody waits for one or their view is visible, and tells what changed. Never notifies by itself. */
export class JobWatcher implements vscode.Disposable {
  readonly #engine: Engine;
  readonly #changed = new vscode.EventEmitter<readonly JobInfo[]>();
  readonly #ended = new vscode.EventEmitter<JobInfo>();
  #jobs: readonly JobInfo[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<readonly JobInfo[]> | undefined;
  #seen: Seen = { visible: false, focused: true };
  readonly #pace = new Pace(() => IDLE_MS, LONGEST_IDLE_MS);
  #lookedAt = 0;
  #disposed = false;
  #failures = 0;
  readonly #waiters = new Map<string, Waiter>();

  readonly onChanged = this.#changed.event;
  /** Fires when a waiting or running job ended, whichever process ran it. */
  readonly onEnded = this.#ended.event;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get jobs(): readonly JobInfo[] {
    return this.#jobs;
  }

  /** Jobs that wait or run now and can be cancelled from here. */
  get live(): readonly JobInfo[] {
    return this.#jobs.filter((job) => isLive(job) && !job.elsewhere);
  }

  /** Whether the view of jobs is visible, and the window has the focus. */
  set seen(seen: Seen) {
    const before = this.#looksOn;
    this.#seen = seen;
    this.#pace.hasten();
    if (this.#looksOn && !before) void this.look();
    else if (this.#looking === undefined) this.#again();
  }

  get #looksOn(): boolean {
    return this.#seen.visible && this.#seen.focused;
  }

  /** The person did something: a job may begin or end. */
  hasten(): void {
    this.#pace.hasten();
    if (this.#looking === undefined) this.#again();
  }

  /**
   * Settles when the job ended; `onProgress` gets each state before. Rejects with `job.silent` if it never appears, and with the engine's error if the engine does not answer for long: the job itself continues. `looks`: one for a job that was
   * started long ago, since it is there or was removed.
   */
  watch(
    id: string,
    onProgress: (job: JobInfo) => void,
    looks: number = SILENT_LOOKS,
  ): Promise<JobInfo> {
    const ended = new Promise<JobInfo>((resolve, reject) => {
      this.#waiters.set(id, { onProgress, resolve, reject, last: undefined, unseen: looks });
    });
    this.#failures = 0;
    void this.look();
    return ended;
  }

  /** Asks now. Concurrent calls share one request. */
  async look(): Promise<readonly JobInfo[]> {
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = undefined;
      this.#lookedAt = Date.now();
      this.#again();
    });
    return this.#looking;
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#changed.dispose();
    this.#ended.dispose();
  }

  async #ask(): Promise<readonly JobInfo[]> {
    clearTimeout(this.#timer);
    const begun = Date.now();
    try {
      const jobs = await this.#engine.request(requests.listJobs, { stores: readStores() });
      this.#failures = 0;
      const same = JSON.stringify(jobs) === JSON.stringify(this.#jobs);
      this.#pace.looked(same ? 'same' : 'changed', Date.now() - begun);
      this.#tell(jobs);
    } catch (error) {
      this.#pace.looked('failed', Date.now() - begun);
      // The engine is being started again; the next look finds the jobs where they are: on disk.
      if (++this.#failures >= FAILED_LOOKS) this.#giveUp(error);
    }
    return this.#jobs;
  }

  #again(): void {
    if (this.#disposed) return;
    clearTimeout(this.#timer);
    const waited = this.#waiters.size > 0;
    if (!waited && !this.#looksOn) return;
    const running = waited || this.#jobs.some(isLive);
    const live = this.#seen.focused ? RUNNING_MS : UNSEEN_MS;
    const due = this.#lookedAt + (running ? live : this.#pace.pause) - Date.now();
    this.#timer = setTimeout(() => void this.look(), Math.max(0, due));
  }

  #tell(jobs: readonly JobInfo[]): void {
    const before = this.#jobs;
    this.#jobs = jobs;
    this.#changed.fire(jobs);
    const now = new Map(jobs.map((job) => [job.id, job]));
    for (const old of before) {
      const job = now.get(old.id);
      if (isLive(old) && (job === undefined || !isLive(job))) this.#ended.fire(job ?? old);
    }
    for (const [id, waiter] of this.#waiters) this.#tellWaiter(id, waiter, now.get(id));
  }

  #tellWaiter(id: string, waiter: Waiter, job: JobInfo | undefined): void {
    if (job === undefined) {
      // Its record was removed while it was waited for: what was seen last is all there is.
      if (--waiter.unseen > 0) return;
      this.#waiters.delete(id);
      if (waiter.last === undefined) waiter.reject(ownFailure('job.silent', ''));
      else waiter.resolve({ ...waiter.last, state: 'interrupted' });
      return;
    }
    waiter.last = job;
    waiter.unseen = GONE_LOOKS;
    if (isLive(job)) waiter.onProgress(job);
    else {
      this.#waiters.delete(id);
      waiter.resolve(job);
    }
  }

  #giveUp(error: unknown): void {
    for (const [id, waiter] of this.#waiters) {
      this.#waiters.delete(id);
      waiter.reject(error);
    }
  }
}
