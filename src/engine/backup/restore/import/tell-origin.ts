import type { Guid } from '../../../base/guid.ts';
import { storeLedger, withLease } from '../../ledger/ledger-file.ts';
import type { VmOrigin } from '../../ledger/own-imports.ts';
import type { Store } from '../../store/contract/store.ts';

/**
 * Records in the ledger of a restored VM of which point it was made, so that its first backup can
 * say why it is a full. Throws `lease.held` and errors of the store.
 */
export async function tellOrigin(
  store: Store,
  id: Guid,
  origin: VmOrigin,
  signal: AbortSignal,
): Promise<void> {
  const file = storeLedger(store, id);
  await store.createFolder(id, signal);
  const save = async (held: AbortSignal): Promise<void> =>
    file.save({ ...(await file.load(held)), origin }, held);
  await withLease(store, id, 'restore', save, signal);
}
