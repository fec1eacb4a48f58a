import { never } from '../../../base/abort.ts';
import type { Log } from '../../../base/log.ts';

/** One action that undoes a step of a failed run. */
export interface UndoStep {
  /** Name of the object in the log: “the checkpoint X”. */
  readonly what: string;
  /** It writes to the store or the ledger, and so may only run while the lease is held. */
  readonly needsLease: boolean;
  /** Also runs after the point was committed. */
  readonly afterCommit?: boolean;
  /** It works on the host, for as long as that takes; the ledger knows what it could not do. */
  readonly onHost?: boolean;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Removes a pushed step: its object no longer exists, or has another owner now. */
export type DropStep = () => void;

/** Time limit of all steps together, also if the run was cancelled, in milliseconds. */
const UNWIND_MS = 60_000;

/** Undo steps of a run, executed last first after a failure. */
export class UndoStack {
  #steps: UndoStep[] = [];

  push(step: UndoStep): DropStep {
    this.#steps.push(step);
    return () => {
      this.#steps = this.#steps.filter((each) => each !== step);
    };
  }

  /** Marks the point as complete: its objects stay. */
  commit(): void {
    this.#steps = this.#steps.filter(({ afterCommit }) => afterCommit === true);
  }

  /**
   * Undoes all steps, as far as host and store can be reached. Never throws: failures are logged,
   * and the next run or clean recovers from the ledger.
   * @param assertHeld throws if the lease is no longer held.
   * @param host limit of the steps on the host, for a run that must end soon
   */
  async unwind(
    assertHeld: (signal: AbortSignal) => Promise<void>,
    log: Log,
    host: AbortSignal = never,
  ): Promise<void> {
    const signal = AbortSignal.timeout(UNWIND_MS);
    const either = AbortSignal.any([signal, host]);
    const steps = this.#steps.reverse();
    this.#steps = [];
    if (steps.length === 0) return;
    const tell = (what: string, error: unknown): void => {
      const message = `After the failure, ${what} could not be removed now: ${(error as Error).message}`;
      log({ level: 'warn', area: 'backup', message });
    };
    let held = true;
    try {
      await assertHeld(signal);
    } catch (error) {
      held = false;
      tell('the leftovers of the run', error);
    }
    for (const { what, needsLease, onHost, run } of steps) {
      if (needsLease && !held) continue;
      await run(onHost === true ? either : signal).catch((error: unknown) => tell(what, error));
    }
  }
}
