import type { BackupHost, Finding, HostVm } from '../backup/host.ts';
import { storeLedger } from '../backup/ledger-file.ts';
import { ownsReferencePoint, type Ledger } from '../backup/ledger.ts';
import type { Store } from '../backup/store/store.ts';
import type { LedgerFile } from '../backup/ledger-file.ts';

/** The document of `vm show`. */
export interface VmShow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly operation: string | null;
  readonly generation: number | null;
  readonly version: string;
  readonly disks: readonly {
    readonly number: number;
    readonly path: string;
    readonly format: string;
    readonly virtualSize: number | null;
    readonly diskId: string | null;
    readonly controller: string;
    readonly shared: boolean;
    readonly rct: { readonly enabled: boolean; readonly id: string | null };
  }[];
  readonly checkpoints: HostVm['checkpoints'];
  readonly referencePoints: readonly {
    readonly id: string;
    readonly type: string;
    readonly consistency: string;
    readonly owner: 'ours' | 'foreign';
    readonly created: string | null;
    readonly disks: readonly { readonly diskId: string | null; readonly rctId: string }[];
  }[];
  readonly findings: readonly Finding[];
}

/** A VM with whose its reference points are, by the ledgers of the stores named and the user's own. */
export async function showVm(
  host: BackupHost,
  nameOrId: string,
  stores: readonly Store[],
  own: (vmId: HostVm['id']) => LedgerFile,
  signal: AbortSignal,
): Promise<VmShow> {
  const vm = await host.findVm(nameOrId, signal);
  const ledgers: Ledger[] = [await own(vm.id).load(signal)];
  for (const store of stores) ledgers.push(await storeLedger(store, vm.id).load(signal));
  const newest = vm.referencePoints.at(-1);
  return {
    id: vm.id,
    name: vm.name,
    state: vm.state,
    operation: vm.operation,
    generation: vm.generation,
    version: vm.version,
    disks: vm.disks.map((disk, number) => {
      // The newest id that a reference point carries for the place; the class tells no more.
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
    checkpoints: vm.checkpoints,
    referencePoints: vm.referencePoints.map((point) => ({
      id: point.id,
      type: point.type,
      consistency: point.consistency,
      owner: ledgers.some((ledger) => ownsReferencePoint(ledger, point.id)) ? 'ours' : 'foreign',
      created: createdOf(ledgers, point.id),
      disks: point.disks.map(({ locationId, rctId }) => ({
        diskId: vm.disks.find((disk) => same(disk.locationId, locationId))?.virtualDiskId ?? null,
        rctId,
      })),
    })),
    findings: vm.findings,
  };
}

/** The class has no time of creation; the ledger of whoever made it has. */
function createdOf(ledgers: readonly Ledger[], id: string): string | null {
  for (const ledger of ledgers) {
    const found = ledger.referencePoints.find((point) => point.id === id);
    if (found !== undefined) return found.created;
  }
  return null;
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
