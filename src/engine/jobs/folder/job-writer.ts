import { hostname } from 'node:os';
import type { JobInput, JobResult, JobState } from '../../api/jobs.ts';
import { delay, never } from '../../base/abort.ts';
import { EngineError } from '../../base/errors.ts';
import type { JobFolder } from './job-folder.ts';
import { JobCounter } from './job-progress.ts';

/** Interval in milliseconds at which the state is written and a request to cancel is checked. */
const HEARTBEAT_MS = 1000;
const LOOK_MS = 100;
/**
 * Number of attempts to write the final state: more than for a heartbeat, since a full disk may be
 * temporary.
 */
const END_TRIES = 20;
const END_PAUSE_MS = 500;

/** Maintains the state of the job that this process runs, and stops the job on request. */
export class JobWriter {
  readonly counter = new JobCounter();
  readonly #folder: JobFolder;
  readonly #stop = new AbortController();
  readonly #cancelled = new AbortController();
  #state: JobState;
  #beating: Promise<void> = Promise.resolve();

  private constructor(folder: JobFolder, state: JobState) {
    this.#folder = folder;
    this.#state = state;
  }

  static async begin(folder: JobFolder, input: JobInput): Promise<JobWriter> {
    await folder.create();
    const time = new Date().toISOString();
    const writer = new JobWriter(folder, {
      version: 1,
      id: input.id,
      title: input.title,
      spec: input.spec,
      machine: hostname(),
      pid: process.pid,
      state: 'running',
      stopping: false,
      started: time,
      heartbeat: time,
      progress: null,
      result: null,
      error: null,
    });
    // The first write must succeed: a job that is invisible must not run.
    await folder.writeState(writer.#state);
    writer.#beating = writer.#beat();
    return writer;
  }

  /** Fires when another process asks the job to stop. */
  get cancelled(): AbortSignal {
    return this.#cancelled.signal;
  }

  async done(result: JobResult): Promise<void> {
    await this.#end({ state: 'done', result });
  }

  async failed(thrown: unknown): Promise<void> {
    const [message = ''] = (thrown as Error).message.split('\n', 1);
    const code = thrown instanceof EngineError ? thrown.code : 'internal';
    await this.#end({ state: 'failed', error: { code, message } });
  }

  /**
   * Ends the job as cancelled. `leftovers`: sentences about what could not be undone; empty if
   * everything was undone.
   */
  async cancelledWith(leftovers: readonly string[]): Promise<void> {
    const error =
      leftovers.length === 0 ? null : { code: 'job.leftovers', message: leftovers.join(' ') };
    await this.#end({ state: 'cancelled', error });
  }

  async #end(change: Partial<JobState>): Promise<void> {
    this.#stop.abort();
    await this.#beating;
    const last = { ...change, stopping: false };
    for (let tried = 1; ; tried++) {
      try {
        return await this.#write(last);
      } catch (error) {
        // The job looks interrupted then, but its results are complete.
        if (tried === END_TRIES || !(error instanceof EngineError)) return;
        await delay(END_PAUSE_MS, never);
      }
    }
  }

  async #beat(): Promise<void> {
    const { signal } = this.#stop;
    for (let waited = LOOK_MS; ; waited += LOOK_MS) {
      await delay(LOOK_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      const stopping = !this.#state.stopping && (await this.#folder.cancelAsked());
      if (stopping) this.#cancelled.abort(new Error('cancelled'));
      if (waited % HEARTBEAT_MS !== 0 && !stopping) continue;
      // A state that cannot be written only affects the display, so the job continues.
      await this.#write(stopping ? { stopping } : {}).catch(() => undefined);
    }
  }

  async #write(change: Partial<JobState>): Promise<void> {
    this.#state = {
      ...this.#state,
      progress: this.counter.read(),
      ...change,
      heartbeat: new Date().toISOString(),
    };
    await this.#folder.writeState(this.#state);
  }
}
