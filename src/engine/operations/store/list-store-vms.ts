import type { StoreVm } from '../../api/store.ts';
import { ledgerProblem } from '../../backup/ledger/ledger-file.ts';
import { listPoints } from '../../backup/points/catalog.ts';
import { describeVms } from '../../backup/points/vm-names.ts';
import { readVmRecord } from '../../backup/points/vm-record.ts';
import type { Store } from '../../backup/store/contract/store.ts';
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
  const problem = await ledgerProblem(store, id, signal);
  return {
    id,
    name,
    host: record?.host ?? newest?.manifest.host ?? null,
    points: points.length,
    lastBackup: newest?.manifest.created ?? null,
    ...(newest?.manifest.group === undefined ? {} : { members: newest.manifest.group.members }),
    ...(problem === null ? {} : { ledgerProblem: problem.message }),
  };
}
