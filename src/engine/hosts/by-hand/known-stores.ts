import type { UnreadStore } from '../../api/host.ts';
import { storeLedger } from '../../backup/ledger/ledger-file.ts';
import type { Ledger } from '../../backup/ledger/ledger.ts';
import { openStoreAt, plainTarget } from '../../backup/store/store-kinds.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import type { Guid } from '../../base/guid.ts';
import { EngineError } from '../../base/errors.ts';

/** Stores whose ledgers show who owns a reference point, and stores that cannot be read now. */
export interface KnownStores {
  readonly stores: readonly Store[];
  readonly unread: readonly UnreadStore[];
  /** The stores were named for this command, so a ledger that cannot be read is an error. */
  readonly named: boolean;
}

/** Returns the stores that a command names, which are already open. */
export const openedStores = (stores: readonly Store[]): KnownStores => ({
  stores,
  unread: [],
  named: true,
});

/**
 * Opens the stores of a user's list. A missing one, such as an unmounted share, may still hold a
 * ledger.
 */
export async function openKnownStores(
  paths: readonly string[],
  signal: AbortSignal,
): Promise<KnownStores> {
  const stores: Store[] = [];
  const unread: UnreadStore[] = [];
  await Promise.all(
    paths.map(async (path) => {
      try {
        stores.push(await openStoreAt(plainTarget(path), signal));
      } catch (error) {
        unread.push(toUnread(path, error, signal));
      }
    }),
  );
  return { stores, unread, named: false };
}

/**
 * Reads the ledgers of a VM. Lists a store whose ledger cannot be read and continues with the
 * others.
 */
export async function readLedgers(
  known: KnownStores,
  vmId: Guid,
  signal: AbortSignal,
): Promise<{ readonly ledgers: readonly Ledger[]; readonly unread: readonly UnreadStore[] }> {
  const ledgers: Ledger[] = [];
  const unread = [...known.unread];
  for (const store of known.stores) {
    try {
      ledgers.push(await storeLedger(store, vmId).load(signal));
    } catch (error) {
      unread.push(toUnread(store.location, error, signal));
    }
  }
  return { ledgers, unread };
}

/** Returns a store that cannot be read now. Throws any other error than one of the engine. */
export function toUnread(path: string, error: unknown, signal: AbortSignal): UnreadStore {
  if (signal.aborted || !(error instanceof EngineError)) throw error;
  return { path, code: error.code, message: error.message };
}
