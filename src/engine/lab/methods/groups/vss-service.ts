import { cimInstance } from '../../../cim/model.ts';
import { groupsOf } from '../../groups/groups.ts';
import { holdersOf, sharedFiles } from '../../groups/shared-members.ts';
import type { Lab } from '../../model/lab.ts';
import type { MethodCall, MethodResult } from '../../wmi/repository.ts';
import { RETURN } from '../contract/arguments.ts';

const RUNNING = 2;
/** A system that is not available. */
const NOT_AVAILABLE = 32777;

/** Answers what the cluster in a guest knows of its shared disks; the first holder owns each. */
export async function vssService(lab: Lab, call: MethodCall): Promise<MethodResult> {
  if (call.method !== 'QueryGuestClusterInformation') return { returnValue: RETURN.notSupported };
  const id = (call.target.keys['SystemName'] ?? '').toLowerCase();
  const vm = lab.vms.find((each) => each.id === id);
  if (vm === undefined) return { returnValue: RETURN.invalidParameter };
  if (vm.enabledState !== RUNNING) return { returnValue: NOT_AVAILABLE };
  if (lab.faults.strike('cluster.silent') !== undefined) return { returnValue: RETURN.failed };
  const files = sharedFiles([vm]);
  const owners = lab.faults.number('cluster.owners', 2);
  const isCsv = lab.faults.strike('cluster.csv') !== undefined;
  const each = <T>(value: (file: string) => T): T[] => files.map(value);
  const group = groupsOf(lab).find(({ members }) => members.includes(vm.id));
  const owns = (file: string): boolean =>
    owners === undefined ? holdersOf(lab, file)[0] === vm : owners > 1;
  return {
    returnValue: RETURN.done,
    out: {
      GuestClusterInformation: {
        embedded: cimInstance('Msvm_GuestClusterInformation', {
          ClusterId: files.length === 0 ? '' : (group?.id ?? vm.id).toUpperCase(),
          ClusterSize: Math.max(0, ...each((file) => holdersOf(lab, file).length)),
          IsActiveActive: each(() => isCsv),
          IsClustered: each(() => true),
          IsOnline: each(() => true),
          IsOwned: each(owns),
          LastResourceMoveTime: 0n,
          SharedVirtualHardDiskPaths: files,
          SharedVirtualHardDisks: each(
            (file) =>
              vm.disks.find(({ files: own }) => own.includes(file))?.virtualDiskId.toUpperCase() ??
              '',
          ),
        }),
      },
    },
  };
}
