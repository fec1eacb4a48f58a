import type { Guid } from '../../base/guid.ts';
import { ledgerOfStore, ledgerOfUser, type KnownLedger } from '../../hosts/by-hand/known-ledger.ts';
import { readLedgers, type KnownStores } from '../../hosts/by-hand/known-stores.ts';

/**
 * Returns the ledgers of stores, then the user's own. Of stores that were not named for this command, one whose ledger cannot be
 * read is left out, and hides no other.
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
