import {
  leasedLedger,
  storeLedger,
  userLedger,
  type LeasedLedger,
} from '../../backup/ledger/ledger-file.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import type { Guid } from '../../base/guid.ts';

/**
 * A ledger that a command by hand reads or adds to: that of a store, or the user's own. Changes
 * require the lease of its place, since a running backup or export holds the ledger in memory.
 */
export type KnownLedger = LeasedLedger;

export function ledgerOfStore(store: Store, vmId: Guid): KnownLedger {
  return leasedLedger(storeLedger(store, vmId), vmId, () => Promise.resolve(store));
}

/** Returns the user's own ledger for a VM. @param folder the program's data folder of this user. */
export function ledgerOfUser(folder: string, vmId: Guid): KnownLedger {
  return userLedger(folder, vmId);
}

/** Returns the ledgers for which `owns` returns true. */
export async function ownersOf(
  ledgers: readonly KnownLedger[],
  owns: (ledger: Awaited<ReturnType<KnownLedger['load']>>) => boolean,
  signal: AbortSignal,
): Promise<readonly KnownLedger[]> {
  const owners: KnownLedger[] = [];
  for (const ledger of ledgers) if (owns(await ledger.load(signal))) owners.push(ledger);
  return owners;
}

/** Runs `work` while holding every ledger of `owners`, then `record` in each. */
export async function holdingAll(
  owners: readonly KnownLedger[],
  job: string,
  work: (signal: AbortSignal) => Promise<void>,
  record: (ledger: KnownLedger, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const [first, ...rest] = owners;
  if (first === undefined) return work(signal);
  await first.change(
    job,
    async (held) => {
      await holdingAll(rest, job, work, record, held);
      await record(first, held);
    },
    signal,
  );
}
