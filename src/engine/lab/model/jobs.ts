import type { CimReference } from '../../cim/model.ts';
import { randomUUID } from 'node:crypto';
import { delay } from '../../base/abort.ts';

/** JobState of CIM_ConcreteJob. */
const JOB = {
  new: 2,
  starting: 3,
  running: 4,
  completed: 7,
  terminated: 8,
  exception: 10,
  completedWithWarnings: 32768,
} as const;

/** The failure of a job: its ErrorCode and a text. */
export class JobFailure extends Error {
  readonly code: number;
  /** Texts of GetErrorEx; the message alone if empty. */
  readonly findings: readonly string[];

  constructor(code: number, message: string, findings: readonly string[] = []) {
    super(message);
    this.code = code;
    this.findings = findings;
  }
}

/** Result of a job that ended with warnings. */
export interface Warned {
  readonly affected: readonly Affected[];
  readonly warnings: readonly string[];
}

/** An object that a job created (effect 5) or worked on (0). */
export interface Affected {
  readonly reference: CimReference;
  readonly effect: 0 | 5;
}

export interface LabJob {
  readonly id: string;
  readonly className: 'Msvm_ConcreteJob' | 'Msvm_StorageJob';
  readonly type: number;
  readonly caption: string;
  readonly owner: string;
  readonly started: Date;
  state: number;
  percent: number;
  errorCode: number;
  errorText: string;
  /** Texts of GetErrorEx, of a job that failed or ended with warnings. */
  messages: readonly string[];
  changed: Date;
  /** Filled at completion: no rows exist while the job runs. */
  affected: readonly Affected[];
  readonly abort: AbortController;
}

export interface JobRequest {
  /** Msvm_ConcreteJob if undefined. */
  readonly className?: LabJob['className'];
  readonly type: number;
  readonly caption: string;
  readonly owner: string;
  /** The VM whose lock the job holds while it works. */
  readonly work: (
    progress: (percent: number) => void,
    signal: AbortSignal,
  ) => Promise<readonly Affected[] | Warned>;
  /** Called when the job ends, with any outcome. */
  readonly ended?: () => void;
}

/** TimeBeforeRemoval: finished jobs vanish after five minutes. */
const KEEP_MILLISECONDS = 300_000;

/** Jobs of the lab: each takes at least two delays, so that clients see it running. */
export class JobTable {
  readonly #jobs = new Map<string, LabJob>();
  readonly #running = new Set<Promise<void>>();
  readonly #delay: () => number;
  readonly #stop = new AbortController();
  readonly #beforeWork: () => Promise<void>;
  readonly #say: (text: string) => string;

  /**
   *
   * @param delayOf milliseconds between a job's states
   * @param beforeWork hook for faults on demand
   * @param say replaces local paths in the text of an error by host paths
   */
  constructor(
    delayOf: () => number,
    beforeWork: () => Promise<void>,
    say: (text: string) => string,
  ) {
    this.#delay = delayOf;
    this.#beforeWork = beforeWork;
    this.#say = say;
  }

  all(): Iterable<LabJob> {
    const limit = Date.now() - KEEP_MILLISECONDS;
    for (const [id, job] of this.#jobs) {
      if (isTerminal(job.state) && job.changed.getTime() < limit) this.#jobs.delete(id);
    }
    return this.#jobs.values();
  }

  find(id: string): LabJob | undefined {
    return Array.from(this.all()).find((job) => job.id.toLowerCase() === id.toLowerCase());
  }

  start(request: JobRequest): LabJob {
    const job: LabJob = {
      id: randomUUID().toUpperCase(),
      className: request.className ?? 'Msvm_ConcreteJob',
      type: request.type,
      caption: request.caption,
      owner: request.owner,
      started: new Date(),
      state: JOB.new,
      percent: 0,
      errorCode: 0,
      errorText: '',
      messages: [],
      changed: new Date(),
      affected: [],
      abort: new AbortController(),
    };
    this.#jobs.set(job.id, job);
    const run = this.#run(job, request).finally(() => this.#running.delete(run));
    this.#running.add(run);
    return job;
  }

  /** Cancels and removes all jobs, as a restart of the host does. */
  forget(): void {
    for (const job of this.#jobs.values()) job.abort.abort();
    this.#jobs.clear();
  }

  /** Closes the table: cancels running jobs and waits for them. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  async #run(job: LabJob, request: JobRequest): Promise<void> {
    const signal = AbortSignal.any([job.abort.signal, this.#stop.signal]);
    try {
      this.#set(job, JOB.starting);
      await delay(this.#delay(), signal);
      this.#set(job, JOB.running);
      await delay(this.#delay(), signal);
      await this.#beforeWork();
      const done = await request.work((percent) => {
        job.percent = Math.min(99, Math.floor(percent));
      }, signal);
      const { affected, warnings } = 'warnings' in done ? done : { affected: done, warnings: [] };
      job.affected = affected;
      job.messages = warnings;
      job.percent = 100;
      this.#set(job, warnings.length > 0 ? JOB.completedWithWarnings : JOB.completed);
    } catch (error) {
      const failure = error instanceof JobFailure ? error : undefined;
      job.errorCode = failure?.code ?? 32768;
      const text = this.#say((error as Error).message);
      job.errorText = signal.aborted ? 'The job was terminated.' : text;
      const findings = failure?.findings ?? [];
      job.messages = findings.length > 0 ? findings.map(this.#say) : [job.errorText];
      this.#set(job, signal.aborted ? JOB.terminated : JOB.exception);
    } finally {
      request.ended?.();
    }
  }

  #set(job: LabJob, state: number): void {
    job.state = state;
    job.changed = new Date();
  }
}

export const isTerminal = (state: number): boolean =>
  (state >= 7 && state <= 10) || state === JOB.completedWithWarnings;
