import { isEngineError } from '../../base/errors.ts';
import type { CallWatch } from '../host/call-watch.ts';
import {
  withAsked,
  withIntent,
  withJob,
  withoutIntent,
  type Intent,
  type Ledger,
} from '../ledger/ledger.ts';
import type { LedgerKeeper } from './run-context.ts';

/** Time limit for dropping an intent, also after the run was cancelled. */
const DROP_MS = 30_000;

/** Errors of the host that prove that a call created nothing although its job had started. */
const FAILED_JOBS = ['host.job.failed', 'host.busy', 'host.consistency'] as const;

/**
 * Records a call that creates an object on the host: the intent, right before the call is sent,
 * then the job. A call that was refused or never sent leaves no intent, so that another product's
 * object is never claimed for it.
 */
export class CallInLedger implements CallWatch {
  readonly #keeper: LedgerKeeper;
  readonly #intent: Intent;
  readonly #now: () => number;
  readonly #signal: AbortSignal;
  readonly #onIntended: () => Promise<void>;
  /** Whether the ledger may contain the intent. */
  #written = false;
  #sent = false;

  /**
   * Writes nothing yet. The caller makes the call next, with this object as its watch.
   * @param onIntended is awaited once, right before the intent is written and the call is sent.
   */
  constructor(
    keeper: LedgerKeeper,
    intent: Intent,
    now: () => number,
    signal: AbortSignal,
    onIntended: () => Promise<void> = async () => undefined,
  ) {
    this.#keeper = keeper;
    this.#intent = intent;
    this.#now = now;
    this.#signal = signal;
    this.#onIntended = onIntended;
  }

  /**
   * Writes intent and time together: between two writes, the ledger could claim an object for a
   * call that is not sent.
   */
  async asking(): Promise<void> {
    const { id } = this.#intent;
    const time = new Date(this.#now()).toISOString();
    const first = !this.#written;
    if (first) await this.#onIntended();
    // A failed write may still have replaced the file, so the intent is dropped then too.
    this.#written = true;
    const asked = (ledger: Ledger): Ledger =>
      withAsked(first ? withIntent(ledger, this.#intent) : ledger, id, time);
    await this.#keeper.update(asked, this.#signal);
    this.#sent = true;
  }

  /** Records the host's answer even if the call was cancelled meanwhile: recovery needs it. */
  async started(job: string): Promise<void> {
    await this.#keeper.update((l) => withJob(l, this.#intent.id, job), this.#lasting());
  }

  async refused(): Promise<void> {
    this.#sent = false;
    await this.#keeper.update((l) => withAsked(l, this.#intent.id, null), this.#lasting());
  }

  #lasting(): AbortSignal {
    return this.#signal.aborted ? AbortSignal.timeout(DROP_MS) : this.#signal;
  }

  /**
   * Drops the intent if `error` proves that the call created nothing. After any other error the
   * object may exist. Never throws: recovery handles an intent that could not be dropped.
   */
  async failed(error: unknown): Promise<void> {
    if (!this.#written || (this.#sent && !isEngineError(error, ...FAILED_JOBS))) return;
    const drop = (ledger: Ledger): Ledger => withoutIntent(ledger, this.#intent.id);
    await this.#keeper.update(drop, AbortSignal.timeout(DROP_MS)).catch(() => undefined);
  }
}
