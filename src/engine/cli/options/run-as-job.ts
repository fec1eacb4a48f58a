import { randomUUID } from 'node:crypto';
import type { HostTarget } from '../../api/host.ts';
import type { JobInput } from '../../api/jobs.ts';
import { EngineError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import type { JobEnd } from '../../jobs/kinds/job-kind.ts';
import { kindOf } from '../../jobs/kinds/job-kinds.ts';
import type { FoundBy } from '../../jobs/work/works.ts';
import type { KindName, SpecOf } from '../../jobs/kinds/spec-of.ts';
import { DEFAULT_PARALLEL_JOBS } from '../../jobs/list/places.ts';
import { JobQueue } from '../../jobs/queue/job-queue.ts';
import { runJob } from '../../jobs/run/run-job.ts';
import { userFolder } from '../../source/platform/user-folder.ts';
import { cliError } from '../contract/cli-errors.ts';
import type { Context } from '../contract/command.ts';

export interface NewJob<Kind extends KindName> {
  readonly title: string;
  readonly spec: SpecOf<Kind>;
  readonly target: HostTarget | null;
  /** The store of the spec may be made if it is missing. */
  readonly mayMakeStore?: boolean;
}

/** Jobs of one command: they are seen and cancelled wherever the user's jobs are, and wait for their places. */
export class CommandJobs {
  readonly #context: Context;
  readonly #home: string;
  readonly #parallel: number;
  readonly #queue: JobQueue;

  constructor(context: Context, parallel = DEFAULT_PARALLEL_JOBS) {
    this.#context = context;
    this.#home = userFolder(context.io.env);
    this.#parallel = parallel;
    this.#queue = new JobQueue(this.#home, context.signal);
    context.io.outliveTerminal();
  }

  /** Runs a job to its end. Throws what it failed with, and `interrupted` if it was cancelled, here or elsewhere. */
  async run<Kind extends KindName>(
    { title, spec, target, mayMakeStore = false }: NewJob<Kind>,
    progress: Progress = this.#context.progress,
  ): Promise<JobEnd<FoundBy<Kind>>> {
    const { io, log, signal, trace } = this.#context;
    const input = { version: 1, id: randomUUID(), title, spec, target, store: null } as const;
    if (kindOf(spec.kind).waits && !(await this.#place(input))) throw cancelled();
    const terminal = { log, progress, trace, mayMakeStore };
    const hooks = { killAt: io.env['REFPOINT_KILL_AT'], terminal };
    const end = await runJob<Kind>(input, this.#home, hooks, signal);
    if (end === undefined) throw cancelled();
    return end;
  }

  /** Waits for a place; false if the job was cancelled meanwhile. */
  async #place(input: JobInput): Promise<boolean> {
    const { progress, signal } = this.#context;
    let place;
    try {
      ({ place } = await this.#queue.add(input, this.#parallel));
    } catch (error) {
      // The user's folder is not writable: the command runs nevertheless, with a warning.
      if (error instanceof EngineError) return true;
      throw error;
    }
    const timer = setTimeout(
      () => progress.note(`${input.title}: waiting, as many jobs run as may run at the same time`),
      NOTE_MS,
    );
    const has = await place.finally(() => clearTimeout(timer));
    signal.throwIfAborted();
    return has;
  }
}

/** A job that waits longer is said to wait. */
const NOTE_MS = 2000;

const cancelled = (): Error => cliError('interrupted', 'The job was cancelled');
