import { isEngineError } from '../../base/errors.ts';
import type { CallWatch } from '../host/host.ts';
import {
  withAsked,
  withIntent,
  withJob,
  withoutIntent,
  type Intent,
  type Ledger,
} from '../ledger/ledger.ts';
import type { LedgerKeeper } from './run-context.ts';

/** Time limit for dropping an intent, also of a run that was cancelled. */
const DROP_MS = 30_000;

/** The host's answers after which a call has made nothing, although its job was started. */
const FAILED_JOBS = ['host.job.failed', 'host.busy', 'host.consistency'] as const;

/**
 * One call that makes something on the host, as the ledger follows it: intent, written right before the call is sent, and job.
 * A call that the host refused, or that was never sent, leaves no intent, so that nothing of another product can be claimed
 * for it.
 */
export class CallInLedger implements CallWatch {
  readonly #keeper: LedgerKeeper;
  readonly #intent: Intent;
  readonly #now: () => number;
  readonly #signal: AbortSignal;
  readonly #onIntended: () => Promise<void>;
  /** Whether the ledger may hold the intent. */
  #written = false;
  #sent = false;

  /**
   * Writes nothing yet. The caller makes the call next, with this as its watch.
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

  /** One write for intent and time: between two, the ledger would claim something for a call that is not sent. */
  async asking(): Promise<void> {
    const { id } = this.#intent;
    const time = new Date(this.#now()).toISOString();
    const first = !this.#written;
    if (first) await this.#onIntended();
    // A write that fails may have replaced the file: then too the intent is dropped.
    this.#written = true;
    const asked = (ledger: Ledger): Ledger =>
      withAsked(first ? withIntent(ledger, this.#intent) : ledger, id, time);
    await this.#keeper.update(asked, this.#signal);
    this.#sent = true;
  }

  /** What the host answered is written also if the call was cancelled meanwhile: recovery needs it. */
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
   * Drops the intent if `error` proves that the call made nothing. Anything else may have been done. Never throws: an intent
   * that could not be dropped is recovered later.
   */
  async failed(error: unknown): Promise<void> {
    if (!this.#written || (this.#sent && !isEngineError(error, ...FAILED_JOBS))) return;
    const drop = (ledger: Ledger): Ledger => withoutIntent(ledger, this.#intent.id);
    await this.#keeper.update(drop, AbortSignal.timeout(DROP_MS)).catch(() => undefined);
  }
}
