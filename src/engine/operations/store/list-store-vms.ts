import type { OpenOver, StoreVm } from '../../api/store.ts';
import { storeLedger } from '../../backup/ledger/ledger-file.ts';
import type { OwnOver } from '../../backup/ledger/own-overs.ts';
import { listPoints } from '../../backup/points/catalog.ts';
import { describeVms } from '../../backup/points/vm-names.ts';
import { readVmRecord } from '../../backup/points/vm-record.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';

/** Lists the VMs of a store. */
export async function listStoreVms(store: Store, signal: AbortSignal): Promise<readonly StoreVm[]> {
  const vms = await describeVms(store, signal);
  return Promise.all(vms.map((vm) => vmRow(store, vm, signal)));
}

async function vmRow(
  store: Store,
  { id, name }: { readonly id: Guid; readonly name: string },
  signal: AbortSignal,
): Promise<StoreVm> {
  const points = await listPoints(store, id, signal);
  // A damaged record hides the host's name, but not the points.
  const record = await readVmRecord(store, id, signal).catch(() => undefined);
  const newest = points.findLast((point) => point.state === 'complete');
  return {
    id,
    name,
    host: record?.host ?? newest?.manifest.host ?? null,
    points: points.length,
    lastBackup: newest?.manifest.created ?? null,
    ...(newest?.manifest.group === undefined ? {} : { members: newest.manifest.group.members }),
    ...(await ledgerFacts(store, id, signal)),
  };
}

/** Returns why the ledger cannot be read, or the restore over the VM that it names. */
async function ledgerFacts(
  store: Store,
  id: Guid,
  signal: AbortSignal,
): Promise<Pick<StoreVm, 'ledgerProblem' | 'over'>> {
  try {
    const { overs = [] } = await storeLedger(store, id).load(signal);
    const open = overs.find(({ phase }) => phase === 'attached');
    return open === undefined ? {} : { over: openOver(open) };
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    return { ledgerProblem: error.message };
  }
}

const openOver = ({ vmId: vm, pointId: point, time, host, disks }: OwnOver): OpenOver => ({
  vm,
  point,
  time,
  host,
  disks: disks.map(({ slot, old, new: path, differing }) => ({ slot, old, path, differing })),
});
