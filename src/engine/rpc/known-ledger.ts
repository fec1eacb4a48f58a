import { storeLedger, userLedger, type LedgerFile } from '../backup/ledger-file.ts';
import { Lease } from '../backup/lease.ts';
import { thisProcess } from '../backup/lease-owner.ts';
import type { Store } from '../backup/store/store.ts';
import type { Guid } from '../base/guid.ts';

/** A ledger that a command by hand looks into or adds to: that of a store, or the user's own. */
export interface KnownLedger {
  readonly file: LedgerFile;
  /**
   * Runs `work` as the only writer: under the lease of store and VM, since a backup that runs holds the ledger in memory.
   * Throws `lease.held`. The user's own ledger has no lease.
   */
  change<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
}

export function ledgerOfStore(store: Store, vmId: Guid): KnownLedger {
  return {
    file: storeLedger(store, vmId),
    change: async (work, signal) => {
      const lease = await Lease.acquire(store, vmId, thisProcess('point'), signal);
      try {
        return await work(AbortSignal.any([signal, lease.lost]));
      } finally {
        await lease.release();
      }
    },
  };
}

/** @param folder the program's data folder of this user. */
export function ledgerOfUser(folder: string, vmId: Guid): KnownLedger {
  return { file: userLedger(folder, vmId), change: (work, signal) => work(signal) };
}
