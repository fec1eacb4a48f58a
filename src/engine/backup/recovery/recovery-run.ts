import type { CleanedItem } from '../../api/backup.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PathMapping } from '../host/path-map.ts';
import type { LedgerKeeper, RunDeps } from '../context/run-context.ts';
import type { Store } from '../store/contract/store.ts';

/** What recovery works with. Without a store, as for the user's own ledger, there are no points. */
export type RecoveryDeps = Pick<RunDeps, 'host' | 'now'> & { readonly store: Store | undefined };

export interface RecoveryOptions {
  readonly pathMap: readonly PathMapping[];
  /** Seconds that the merges which follow are waited for. */
  readonly mergeWaitSeconds?: number;
  /** Says what would be done and does nothing. */
  readonly dryRun: boolean;
}

/** One recovery: what it works with, and what it did. The caller holds the lease. */
export class RecoveryRun {
  readonly deps: RecoveryDeps;
  readonly vmId: Guid;
  readonly options: RecoveryOptions;
  readonly computerName: string | null;
  readonly items: CleanedItem[] = [];
  /** Checkpoints that were destroyed, or would be: no reference point came of them. */
  readonly destroyedCheckpoints = new Set<string>();
  readonly #keeper: LedgerKeeper;

  constructor(
    deps: RecoveryDeps,
    vmId: Guid,
    keeper: LedgerKeeper,
    options: RecoveryOptions,
    computerName: string | null,
  ) {
    this.deps = deps;
    this.vmId = vmId;
    this.#keeper = keeper;
    this.options = options;
    this.computerName = computerName;
  }

  get ledger(): Ledger {
    return this.#keeper.ledger;
  }

  get dryRun(): boolean {
    return this.options.dryRun;
  }

  note(kind: CleanedItem['kind'], id: string, text: string): void {
    this.items.push({ kind, id, text });
  }

  /** Before each removal: throws `lease.lost` if another one holds the lease by now. A dry run needs none. */
  async assertHeld(signal: AbortSignal): Promise<void> {
    if (!this.dryRun) await this.#keeper.assertHeld(signal);
  }

  async update(change: (ledger: Ledger) => Ledger, signal: AbortSignal): Promise<void> {
    if (!this.dryRun) await this.#keeper.update(change, signal);
  }

  /**
   * Removes one thing and notes it; a dry run only notes. What cannot be removed now is noted as left and keeps nothing else
   * from going on: it is litter. Returns whether it is gone.
   */
  async remove(
    kind: CleanedItem['kind'],
    id: string,
    what: string,
    remove: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean> {
    // Outside of what may fail: a lease that is lost ends the recovery.
    await this.assertHeld(signal);
    try {
      if (!this.dryRun) await remove();
    } catch (error) {
      signal.throwIfAborted();
      if (!isOutside(error)) throw error;
      const named = what.replace(/: (?:removed|destroyed)$/, '');
      this.note('left', id, `${named}: cannot be removed now, tried again later: ${error.message}`);
      return false;
    }
    this.note(kind, id, what);
    return true;
  }
}

/** Failures of the host or of a file system, unlike faults of the program. */
function isOutside(error: unknown): error is Error {
  return isEngineError(error) || (error instanceof Error && 'syscall' in error);
}
