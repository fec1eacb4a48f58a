import type { CleanedItem } from '../../api/backup.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { OnHost } from '../ledger/on-host.ts';
import { whereabouts, type Whereabouts } from '../ledger/this-host.ts';
import type { LedgerKeeper, RunDeps } from '../context/run-context.ts';
import type { RunFiles } from '../context/run-files.ts';
import type { Store } from '../store/contract/store.ts';

/**
 * Everything that recovery works with. Without a store, as for the user's own ledger, there are no
 * points.
 */
export type RecoveryDeps = Pick<RunDeps, 'host' | 'now'> & { readonly store: Store | undefined };

export interface RecoveryOptions {
  readonly files: RunFiles;
  /** Only reports what would be done. */
  readonly dryRun: boolean;
}

/** One recovery: its inputs and its results. The caller holds the lease. */
export class RecoveryRun {
  readonly deps: RecoveryDeps;
  readonly vmId: Guid;
  readonly options: RecoveryOptions;
  readonly computerName: string | null;
  /** Nodes of the host's cluster; empty if it is not clustered. */
  readonly clusterNodes: readonly string[];
  readonly items: CleanedItem[] = [];
  /** Checkpoints that were or would be destroyed, and so never became a reference point. */
  readonly destroyedCheckpoints = new Set<string>();
  readonly #keeper: LedgerKeeper;

  constructor(
    deps: RecoveryDeps,
    vmId: Guid,
    keeper: LedgerKeeper,
    options: RecoveryOptions,
    computerName: string | null,
    clusterNodes: readonly string[],
  ) {
    this.deps = deps;
    this.vmId = vmId;
    this.#keeper = keeper;
    this.options = options;
    this.computerName = computerName;
    this.clusterNodes = clusterNodes;
  }

  get ledger(): Ledger {
    return this.#keeper.ledger;
  }

  get dryRun(): boolean {
    return this.options.dryRun;
  }

  /** Whether a recorded object is on this host, as far as the names of hosts tell. */
  whereabouts(record: OnHost): Whereabouts {
    return whereabouts(record, this.computerName, this.clusterNodes);
  }

  note(kind: CleanedItem['kind'], id: string, text: string): void {
    this.items.push({ kind, id, text });
  }

  /**
   * Checks the lease before each removal; skipped in a dry run. Throws `lease.lost` if another
   * process holds the lease.
   */
  async assertHeld(signal: AbortSignal): Promise<void> {
    if (!this.dryRun) await this.#keeper.assertHeld(signal);
  }

  async update(change: (ledger: Ledger) => Ledger, signal: AbortSignal): Promise<void> {
    if (!this.dryRun) await this.#keeper.update(change, signal);
  }

  /**
   * Removes one object and records it; a dry run only records it. A failed removal is recorded as
   * left and does not stop the recovery. Returns whether the object is gone.
   */
  async remove(
    kind: CleanedItem['kind'],
    id: string,
    what: string,
    remove: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean> {
    // Outside of the try block: a lost lease ends the recovery.
    await this.assertHeld(signal);
    try {
      if (!this.dryRun) await remove();
    } catch (error) {
      signal.throwIfAborted();
      if (!isOutside(error)) throw error;
      const named = what.replace(/: (?:removed|destroyed)$/, '');
      this.note(
        'left',
        id,
        `${named}: cannot be removed now, will be retried later: ${error.message}`,
      );
      return false;
    }
    this.note(kind, id, what);
    return true;
  }
}

/** Whether an error is a failure of the host or of a file system, and not a bug of the program. */
function isOutside(error: unknown): error is Error {
  return isEngineError(error) || (error instanceof Error && 'syscall' in error);
}
