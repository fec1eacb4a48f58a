import type { CallWatch } from '../../host/call-watch.ts';
import type { LedgerKeeper } from '../../context/run-context.ts';
import { withImport, withoutImport, type OwnImport } from '../../ledger/own-imports.ts';

/** Time limit for recording an answer of the host after the run was cancelled. */
const RECORD_MS = 30_000;

/** The record of a running import in the ledger: written before the host is called, and after. */
export class ImportRecord implements CallWatch {
  readonly #keeper: LedgerKeeper;
  readonly #signal: AbortSignal;
  readonly #now: () => number;
  #own: OwnImport;

  constructor(keeper: LedgerKeeper, own: OwnImport, now: () => number, signal: AbortSignal) {
    this.#keeper = keeper;
    this.#own = own;
    this.#now = now;
    this.#signal = signal;
  }

  get own(): OwnImport {
    return this.#own;
  }

  /** Changes the record; durable on return. */
  async change(change: Partial<OwnImport> = {}): Promise<void> {
    const own = { ...this.#own, ...change };
    const signal = this.#signal.aborted ? AbortSignal.timeout(RECORD_MS) : this.#signal;
    await this.#keeper.update((ledger) => withImport(ledger, own), signal);
    this.#own = own;
  }

  async remove(): Promise<void> {
    const { id } = this.#own;
    const signal = AbortSignal.timeout(RECORD_MS);
    await this.#keeper.update((ledger) => withoutImport(ledger, id), signal);
  }

  asking(): Promise<void> {
    return this.change({ asked: new Date(this.#now()).toISOString(), job: null });
  }

  started(job: string): Promise<void> {
    return this.change({ job });
  }

  refused(): Promise<void> {
    return this.change({ asked: null });
  }
}
