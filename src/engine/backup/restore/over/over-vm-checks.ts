import { tryParseGuid, type Guid } from '../../../base/guid.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostDisk, HostVm } from '../../host/host.ts';
import type { DiskRecord } from '../../manifest/manifest.ts';

/** Throws `over.confirm` if the confirmation does not name the VM. */
export function requireConfirmed(over: Guid, confirm: string): void {
  if (tryParseGuid(confirm) === over) return;
  throw backupError(
    'over.confirm',
    `The confirmation “${confirm}” does not name the VM: expected its ID ${over}`,
    { data: { found: confirm, expected: over } },
  );
}

/** Throws `over.state` for a VM that is not off or is busy, `over.checkpoints` for one with checkpoints. */
export function requireAtRest({ id, name, state, operation, checkpoints, merged }: HostVm): void {
  if (state !== 'off' || operation !== null) {
    const found = operation ?? state;
    throw backupError(
      'over.state',
      `“${name}” is ${found}: its disks can be replaced only while it is off and idle`,
      { data: { vm: id, found, expected: 'off' } },
    );
  }
  const [checkpoint] = checkpoints;
  if (checkpoint === undefined && merged) return;
  const found =
    checkpoint === undefined ? 'disks that are not merged' : `the checkpoint “${checkpoint.name}”`;
  throw backupError(
    'over.checkpoints',
    `“${name}” has ${found}, which its disks belong to: expected no checkpoints`,
    { data: { vm: id, found: checkpoints.length } },
  );
}

/**
 * Returns the disk of the VM at the place of a recorded one. Throws `over.disk` if it is missing,
 * shared, of a kind that is not restored, or another disk.
 */
export function diskToReplace(vm: HostVm, record: DiskRecord): HostDisk {
  const disk = vm.disks.find(({ slot }) => slot === record.slot);
  const problem = disk === undefined ? 'has no disk there' : problemOf(disk, record);
  if (disk !== undefined && problem === undefined) return disk;
  throw backupError(
    'over.disk',
    `The disk at ${record.slot} cannot be restored over “${vm.name}”: the VM ${problem}`,
    { data: { vm: vm.id, slot: record.slot, path: disk?.path ?? null } },
  );
}

function problemOf(disk: HostDisk, { virtualDiskId }: DiskRecord): string | undefined {
  if (disk.shared) return 'shares its disk there with other VMs';
  if (disk.format !== 'vhdx' && disk.format !== 'vhd') {
    return `has a disk of the kind ${disk.format} there; expected VHDX or VHD`;
  }
  const isOther =
    disk.virtualDiskId !== null && virtualDiskId !== null && disk.virtualDiskId !== virtualDiskId;
  return isOther
    ? `has another disk there, with the ID ${disk.virtualDiskId}; the point has ${virtualDiskId}`
    : undefined;
}
