import { hostname } from 'node:os';
import type { JobInput, JobNote, JobResult, JobState } from '../../api/jobs.ts';
import type { Edge } from '../../backup/context/edges.ts';
import type { VmIdentity } from '../../backup/host/host.ts';
import { delay, never } from '../../base/abort.ts';
import { EngineError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { StoreMirror } from '../store/store-mirror.ts';
import type { JobFolder } from './job-folder.ts';
import { JobCounter } from './job-progress.ts';

/** Intervals of writing the state and its mirror in the store, and of checking for a cancellation, in milliseconds. */
const HEARTBEAT_MS = 1000;
const MIRROR_MS = 5000;
const LOOK_MS = 100;
/**
 * Number of attempts to write the final state: more than for a heartbeat, since a full disk may be
 * temporary.
 */
const END_TRIES = 20;
const END_PAUSE_MS = 500;

/** The state of a job whose process has just been given it. */
export function newState({ id, title, spec }: JobInput): JobState {
  const time = new Date().toISOString();
  return {
    version: 1,
    id,
    title,
    spec,
    machine: hostname(),
    pid: process.pid,
    state: 'running',
    queue: null,
    stopping: false,
    started: time,
    heartbeat: time,
    progress: null,
    result: null,
    error: null,
  };
}

/** Returns the note of a failure for the state. */
export function noteOfError(thrown: unknown): JobNote {
  const [message = ''] = (thrown as Error).message.split('\n', 1);
  if (!(thrown instanceof EngineError)) return { code: 'internal', message };
  const { findings } = thrown.data;
  return Array.isArray(findings)
    ? { code: thrown.code, message, findings: findings.map(String) }
    : { code: thrown.code, message };
}

/** Keeps the state of the job that this process runs, and ends it when asked. The only writer of its folder and its mirror. */
export class JobWriter {
  readonly counter = new JobCounter();
  readonly #folder: JobFolder;
  readonly #stop = new AbortController();
  readonly #cancelled = new AbortController();
  #state: JobState;
  #mirror: StoreMirror | undefined;
  /** The user's folder holds the state. */
  #kept = true;
  #beating: Promise<void> = Promise.resolve();

  private constructor(folder: JobFolder, state: JobState) {
    this.#folder = folder;
    this.#state = state;
  }

  /**
   * Writes the first state, which must succeed: an invisible job must not run. With `unseen` it may fail, with a warning in the log: in a terminal the user sees it there.
   */
  static async begin(folder: JobFolder, input: JobInput, unseen?: Log): Promise<JobWriter> {
    const writer = new JobWriter(folder, newState(input));
    try {
      await folder.create();
      await folder.writeState(writer.#state);
    } catch (error) {
      if (unseen === undefined || !(error instanceof EngineError)) throw error;
      const message = `No other window or terminal can see or cancel this job: ${error.message}`;
      unseen({ level: 'warn', area: 'job', message });
      writer.#kept = false;
      return writer;
    }
    writer.#beating = writer.#beat();
    return writer;
  }

  /** Fires when another process asks the job to stop. */
  get cancelled(): AbortSignal {
    return this.#cancelled.signal;
  }

  get state(): JobState {
    return this.#state;
  }

  /** From now on the state names the VM by its id, and shows its name. */
  identified({ id, name }: VmIdentity): void {
    const { spec, title } = this.#state;
    this.#state = { ...this.#state, spec: { ...spec, vm: id }, title: name === '' ? title : name };
  }

  mirrorIn(mirror: StoreMirror): void {
    this.#mirror = mirror;
  }

  async passed(edge: Edge): Promise<void> {
    await this.#mirror?.passed(edge, this.#state);
  }

  async done(result: JobResult): Promise<void> {
    await this.#end({ state: 'done', result });
  }

  async failed(thrown: unknown): Promise<void> {
    await this.#end({ state: 'failed', error: noteOfError(thrown) });
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
    // The point's manifest shows whether the run made a point. This record only needs to be
    // readable after a power loss.
    await this.#mirror?.write({ ...this.#state, ...last }, 'whole');
    if (!this.#kept) return;
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
      // Not awaited: a store that hangs must not stop the heartbeat here.
      if (waited % MIRROR_MS === 0) void this.#mirror?.beat(this.#state);
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
