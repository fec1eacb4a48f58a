import type { LedgerRepair } from '../../api/store.ts';
import { listPoints } from '../../backup/points/catalog.ts';
import { resolveVm } from '../../backup/points/vm-names.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import type { Guid } from '../../base/guid.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import { repairLedger } from '../../hosts/by-hand/repair-ledger.ts';

/**
 * Rebuilds the ledger of a VM or a group in a store, or only reports the planned changes. Throws `lease.held`,
 * `ledger.version`, `host.group.notFound` for a group that the host does not have.
 */
export async function repairLedgerOf(
  host: HypervBackupHost,
  { store, vm, apply }: { readonly store: Store; readonly vm: string; readonly apply: boolean },
  signal: AbortSignal,
): Promise<LedgerRepair> {
  const found = await resolveVm(store, vm, signal);
  const isGroup = await isOfGroup(host, store, found.id, signal);
  const subject = isGroup ? await host.groups.hostOf(found.id, signal) : host;
  return repairLedger(subject, store, found, apply, signal);
}

/** Whether the points are those of a group. If no point can be read, the host tells. */
async function isOfGroup(
  host: HypervBackupHost,
  store: Store,
  id: Guid,
  signal: AbortSignal,
): Promise<boolean> {
  const points = await listPoints(store, id, signal);
  for (const point of points) {
    if (point.state === 'complete') return point.manifest.group !== undefined;
  }
  return (await host.groups.list(signal)).some((group) => group.id === id);
}
