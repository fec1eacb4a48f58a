import type { VmShow } from '../../api/host.ts';
import type { BackupHost } from '../../backup/host/host.ts';
import { ownsCheckpoint, ownsReferencePoint, type Ledger } from '../../backup/ledger/ledger.ts';
import { userLedger } from '../../backup/ledger/ledger-file.ts';
import { readLedgers, type KnownStores } from '../../hosts/by-hand/known-stores.ts';
import type { OperationContext } from '../context/operation-context.ts';

/**
 * Returns a VM with the owners of its reference points, according to the ledgers of the named
 * stores and the user's own. An owner is unknown if one of the ledgers cannot be read.
 */
export async function showVm(
  { home }: Pick<OperationContext, 'home'>,
  host: BackupHost,
  { vm: nameOrId, stores }: { readonly vm: string; readonly stores: KnownStores },
  signal: AbortSignal,
): Promise<VmShow> {
  const vm = await host.findVm(nameOrId, signal);
  const { ledgers: ofStores, unread } = await readLedgers(stores, vm.id, signal);
  const ledgers: readonly Ledger[] = [await userLedger(home, vm.id).load(signal), ...ofStores];
  const others = unread.length === 0 ? 'foreign' : 'unknown';
  const newest = vm.referencePoints.at(-1);
  return {
    id: vm.id,
    name: vm.name,
    state: vm.state,
    operation: vm.operation,
    generation: vm.generation,
    version: vm.version,
    disks: vm.disks.map((disk, number) => {
      // The newest RCT ID of a reference point for this place; the WMI class has nothing else to
      // compare.
      const id = newest?.disks.find((each) => same(each.locationId, disk.locationId))?.rctId ?? '';
      return {
        number,
        path: disk.path,
        format: disk.format,
        virtualSize: disk.virtualSize,
        diskId: disk.virtualDiskId,
        controller: disk.slot,
        shared: disk.shared,
        rct: { enabled: id !== '', id: id === '' ? null : id },
      };
    }),
    checkpoints: vm.checkpoints.map((checkpoint) => ({
      ...checkpoint,
      owner: ledgers.some((ledger) => ownsCheckpoint(ledger, checkpoint.id)) ? 'ours' : others,
    })),
    referencePoints: vm.referencePoints.map((point) => ({
      id: point.id,
      type: point.type,
      consistency: point.consistency,
      owner: ledgers.some((ledger) => ownsReferencePoint(ledger, point.id)) ? 'ours' : others,
      ...madeFor(ledgers, point.id),
      disks: point.disks.map(({ locationId, rctId }) => ({
        diskId: vm.disks.find((disk) => same(disk.locationId, locationId))?.virtualDiskId ?? null,
        rctId,
      })),
    })),
    ...(unread.length === 0 ? {} : { unreadStores: unread }),
    findings: vm.findings,
  };
}

/** Returns the time from the creator's ledger: the WMI class has no creation time. */
function madeFor(
  ledgers: readonly Ledger[],
  id: string,
): { readonly created: string | null; readonly pointId: string | null } {
  for (const ledger of ledgers) {
    const found = ledger.referencePoints.find((point) => point.id === id);
    if (found !== undefined) return { created: found.created, pointId: found.pointId };
  }
  return { created: null, pointId: null };
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
