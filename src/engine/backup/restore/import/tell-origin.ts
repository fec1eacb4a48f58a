import type { Guid } from '../../../base/guid.ts';
import { storeLedger, withLease } from '../../ledger/ledger-file.ts';
import type { VmOrigin } from '../../ledger/own-imports.ts';
import { writeVmRecord, type VmRecord } from '../../points/vm-record.ts';
import type { Store } from '../../store/contract/store.ts';

/**
 * Records in the ledger of a restored VM of which point it was made, so that its first backup can
 * say why it is a full; and its name, by which lists of the store call it. Throws `lease.held` and errors of the store.
 */
export async function tellOrigin(
  store: Store,
  id: Guid,
  origin: VmOrigin,
  signal: AbortSignal,
  named?: VmRecord,
): Promise<void> {
  const file = storeLedger(store, id);
  await store.createFolder(id, signal);
  const save = async (held: AbortSignal): Promise<void> => {
    await file.save({ ...(await file.load(held)), origin }, held);
    if (named !== undefined) await writeVmRecord(store, named, held);
  };
  await withLease(store, id, 'restore', save, signal);
}
