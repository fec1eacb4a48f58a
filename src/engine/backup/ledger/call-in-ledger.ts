import { isEngineError } from '../../base/errors.ts';
import type { CallWatch } from '../host.ts';
import {
  withAsked,
  withIntent,
  withJob,
  withoutIntent,
  type Intent,
  type Ledger,
} from '../ledger.ts';
import type { LedgerKeeper } from '../run-context.ts';

/** Time limit for dropping an intent, also of a run that was cancelled. */
const DROP_MS = 30_000;

/** The host's answers after which a call has made nothing, although its job was started. */
const FAILED_JOBS = ['host.job.failed', 'host.busy', 'host.consistency'] as const;

/**
 * One call that makes something on the host, as the ledger follows it: intent, sent, job. A call that the host refused, or
 * that was never sent, leaves no intent, so that nothing of another product can be claimed for it.
 */
export class CallInLedger implements CallWatch {
  readonly #keeper: LedgerKeeper;
  readonly #intentId: string;
  readonly #now: () => number;
  readonly #signal: AbortSignal;
  #sent = false;

  private constructor(
    keeper: LedgerKeeper,
    intentId: string,
    now: () => number,
    signal: AbortSignal,
  ) {
    this.#keeper = keeper;
    this.#intentId = intentId;
    this.#now = now;
    this.#signal = signal;
  }

  /** Writes the intent. The caller makes the call next, with this as its watch. */
  static async begin(
    keeper: LedgerKeeper,
    intent: Intent,
    now: () => number,
    signal: AbortSignal,
  ): Promise<CallInLedger> {
    await keeper.update((ledger) => withIntent(ledger, intent), signal);
    return new CallInLedger(keeper, intent.id, now, signal);
  }

  async asking(): Promise<void> {
    const time = new Date(this.#now()).toISOString();
    await this.#keeper.update((l) => withAsked(l, this.#intentId, time), this.#signal);
    this.#sent = true;
  }

  /** What the host answered is written also if the call was cancelled meanwhile: recovery needs it. */
  async started(job: string): Promise<void> {
    await this.#keeper.update((l) => withJob(l, this.#intentId, job), this.#lasting());
  }

  async refused(): Promise<void> {
    this.#sent = false;
    await this.#keeper.update((l) => withAsked(l, this.#intentId, null), this.#lasting());
  }

  #lasting(): AbortSignal {
    return this.#signal.aborted ? AbortSignal.timeout(DROP_MS) : this.#signal;
  }

  /**
   * Drops the intent if `error` proves that the call made nothing. Anything else may have been done. Never throws: an intent
   * that could not be dropped is recovered later.
   */
  async failed(error: unknown): Promise<void> {
    if (this.#sent && !isEngineError(error, ...FAILED_JOBS)) return;
    const drop = (ledger: Ledger): Ledger => withoutIntent(ledger, this.#intentId);
    await this.#keeper.update(drop, AbortSignal.timeout(DROP_MS)).catch(() => undefined);
  }
}
