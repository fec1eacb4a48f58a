import type { Log } from '../../../base/log.ts';

/** One thing that a failed run takes back. */
export interface UndoStep {
  /** Names the thing in the log: “the checkpoint X”. */
  readonly what: string;
  /** It writes to the store or the ledger, and so may only run while the lease is held. */
  readonly needsLease: boolean;
  /** It is taken back also after the point was committed. */
  readonly afterCommit?: boolean;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Removes a step that was pushed: what it would take back is gone, or is somebody else's now. */
export type DropStep = () => void;

/** Time limit of all steps together, also if the run itself was cancelled. */
const UNWIND_MS = 60_000;

/** What a run has made and a failure takes back, the last first. */
export class UndoStack {
  #steps: UndoStep[] = [];

  push(step: UndoStep): DropStep {
    this.#steps.push(step);
    return () => {
      this.#steps = this.#steps.filter((each) => each !== step);
    };
  }

  /** The point is complete: what belongs to it stays. */
  commit(): void {
    this.#steps = this.#steps.filter(({ afterCommit }) => afterCommit === true);
  }

  /**
   * Takes everything back, as far as host and store can be reached. Never throws: what fails is logged, and the next run or
   * clean recovers it from the ledger.
   * @param assertHeld throws if the lease is not held any more.
   */
  async unwind(assertHeld: (signal: AbortSignal) => Promise<void>, log: Log): Promise<void> {
    const signal = AbortSignal.timeout(UNWIND_MS);
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
      tell('what the run left', error);
    }
    for (const { what, needsLease, run } of steps) {
      if (needsLease && !held) continue;
      await run(signal).catch((error: unknown) => tell(what, error));
    }
  }
}
