import type { Guid } from '../../base/guid.ts';
import { ledgerOfStore, ledgerOfUser, type KnownLedger } from '../../hosts/by-hand/known-ledger.ts';
import { readLedgers, type KnownStores } from '../../hosts/by-hand/known-stores.ts';

/**
 * Returns the ledgers of the stores, then the user's own. Skips an unreadable ledger of a store
 * that the command does not name.
 * @param home the program's data folder of this user.
 */
export async function ledgersOfVm(
  known: KnownStores,
  home: string,
  vmId: Guid,
  signal: AbortSignal,
): Promise<readonly KnownLedger[]> {
  const { unread } = known.named ? known : await readLedgers(known, vmId, signal);
  return [
    ...known.stores
      .filter(({ location }) => !unread.some(({ path }) => path === location))
      .map((store) => ledgerOfStore(store, vmId)),
    ledgerOfUser(home, vmId),
  ];
}
