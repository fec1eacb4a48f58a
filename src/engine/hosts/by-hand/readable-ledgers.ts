import type { Guid } from '../../base/guid.ts';
import { ledgerOfStore, ledgerOfUser, type KnownLedger } from './known-ledger.ts';
import { openKnownStores, readLedgers } from './known-stores.ts';

/**
 * Returns the ledgers of a person's stores, then the user's own. A store whose ledger cannot be read is left alone, and hides no
 * other.
 * @param home the program's data folder of this user.
 */
export async function readableLedgers(
  stores: readonly string[],
  home: string,
  vmId: Guid,
  signal: AbortSignal,
): Promise<readonly KnownLedger[]> {
  const opened = await openKnownStores(stores, signal);
  const { unread } = await readLedgers(opened, vmId, signal);
  return [
    ...opened.stores
      .filter(({ location }) => !unread.some(({ path }) => path === location))
      .map((store) => ledgerOfStore(store, vmId)),
    ledgerOfUser(home, vmId),
  ];
}
