import type { CallWatch } from '../../host/call-watch.ts';
import type { LedgerKeeper } from '../../context/run-context.ts';
import {
  withOver,
  withoutOver,
  withoutStale,
  withStale,
  type OwnOver,
} from '../../ledger/own-overs.ts';

/** Time limit for recording an answer of the host after the run was cancelled. */
const RECORD_MS = 30_000;

/** The record of a restore over a VM in the VM's ledger: written before the host is called, and after. */
export class OverRecord implements CallWatch {
  readonly #keeper: LedgerKeeper;
  readonly #signal: AbortSignal;
  readonly #now: () => number;
  readonly #onCall: (step: 'asked' | 'started') => Promise<void>;
  #own: OwnOver;

  /** @param onCall called when the call to the host is recorded, and when its job is. */
  constructor(
    keeper: LedgerKeeper,
    own: OwnOver,
    now: () => number,
    signal: AbortSignal,
    onCall: (step: 'asked' | 'started') => Promise<void> = async () => undefined,
  ) {
    this.#onCall = onCall;
    this.#keeper = keeper;
    this.#own = own;
    this.#now = now;
    this.#signal = signal;
  }

  get own(): OwnOver {
    return this.#own;
  }

  /** Changes the record; durable on return. */
  async change(change: Partial<OwnOver> = {}): Promise<void> {
    const own = { ...this.#own, ...change };
    await this.#keeper.update((ledger) => withOver(ledger, own), this.#lasting());
    this.#own = own;
  }

  async remove(): Promise<void> {
    const { id } = this.#own;
    await this.#keeper.update((ledger) => withoutOver(ledger, id), AbortSignal.timeout(RECORD_MS));
  }

  /** From now on no reference point of ours describes the disks, whichever files the VM will have. */
  async asking(): Promise<void> {
    const time = new Date(this.#now()).toISOString();
    const own = { ...this.#own, asked: time, job: null };
    const signal = this.#lasting();
    await this.#keeper.update((ledger) => withStale(withOver(ledger, own), own), signal);
    this.#own = own;
    try {
      await this.#onCall('asked');
    } catch (error) {
      // The call is not sent.
      await this.refused();
      throw error;
    }
  }

  async started(job: string): Promise<void> {
    await this.change({ job });
    await this.#onCall('started');
  }

  async refused(): Promise<void> {
    const own = { ...this.#own, asked: null };
    const signal = this.#lasting();
    await this.#keeper.update((ledger) => withoutStale(withOver(ledger, own), own), signal);
    this.#own = own;
  }

  #lasting(): AbortSignal {
    return this.#signal.aborted ? AbortSignal.timeout(RECORD_MS) : this.#signal;
  }
}
