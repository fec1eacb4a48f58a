import type { FindingCode } from '../../api/codes.ts';
import type { Checkpoint, Finding } from '../../api/host.ts';
import type { AttachedDisk } from './host-disk.ts';
import type { ReferencePoint } from './reference-points.ts';
import type { VirtualMachine } from './virtual-machines.ts';

/** Lowest configuration version with RCT; some vendors require 8.0 in practice. */
const LEAST_VERSION = 6.2;

/** Returns findings that prevent a backup or limit it (pure function). */
export function vmFindings(
  vm: VirtualMachine,
  version: string,
  disks: readonly AttachedDisk[],
  checkpoints: readonly Checkpoint[],
  referencePoints: readonly ReferencePoint[],
): Finding[] {
  const findings: Finding[] = disks.flatMap(diskFindings);
  const add = (code: FindingCode, severity: Finding['severity'], message: string): void => {
    findings.push({ code, severity, message });
  };
  if (vm.operation !== null) add('vm.busy', 'warning', `The VM is busy: ${vm.operation}.`);
  if (Number.parseFloat(version) < LEAST_VERSION) {
    add(
      'vm.version',
      'warning',
      `Configuration version ${version} has no change tracking (6.2 or later required): every backup is a full. Update it with Update-VMVersion.`,
    );
  }
  for (const each of checkpoints) {
    if (each.type === 'backup') {
      add(
        'vm.backupCheckpoint',
        'warning',
        `A backup checkpoint exists (${each.name}): another backup is running, or was interrupted.`,
      );
    }
  }
  const user = checkpoints.filter((each) => each.type === 'user').length;
  if (user > 0) {
    add(
      'vm.userCheckpoints',
      'info',
      `${user} user checkpoint${user === 1 ? '' : 's'}: disks are read through their chains.`,
    );
  }
  const vhds = new Set(disks.filter(({ format }) => format === 'vhd').map((d) => d.locationId));
  const untracked = referencePoints
    .flatMap((point) => point.disks)
    .filter(({ rctId, locationId }) => rctId === '' && !vhds.has(locationId));
  if (untracked.length > 0) {
    add(
      'vm.noRctId',
      'warning',
      'A reference point has no change tracking IDs: no increment can start from it.',
    );
  }
  return findings;
}

function diskFindings(disk: AttachedDisk): Finding[] {
  if (disk.format === 'physical') {
    return [
      {
        code: 'disk.passthrough',
        severity: 'error',
        message: `The disk at ${disk.slot} is a pass-through disk, which checkpoints do not include.`,
        slot: disk.slot,
      },
    ];
  }
  if (disk.shared || disk.format === 'vhds') {
    return [
      {
        code: 'disk.shared',
        severity: 'error',
        message:
          disk.format === 'vhds'
            ? `The disk at ${disk.slot} is shared: it is backed up with the group of VMs that share it, not with this VM alone.`
            : `The disk at ${disk.slot} is a shared VHDX, which Hyper-V cannot freeze: convert it to a VHD Set, or back its group up while its VMs are off.`,
        slot: disk.slot,
      },
    ];
  }
  if (disk.format === 'other') {
    return [
      {
        code: 'disk.format',
        severity: 'error',
        message: `The disk at ${disk.slot} is neither a VHDX nor a VHD (${disk.path}).`,
        slot: disk.slot,
      },
    ];
  }
  // The image service was queried and did not find the file.
  if (disk.virtualSize === null) {
    return [
      {
        code: 'disk.missing',
        severity: 'error',
        message: `The host does not find the file of the disk at ${disk.slot}: ${disk.path}. It was removed, renamed, or its volume is offline.`,
        slot: disk.slot,
      },
    ];
  }
  if (disk.format === 'vhd') {
    return [
      {
        code: 'disk.untracked',
        severity: 'info',
        message: `The disk at ${disk.slot} is a VHD, for which change tracking (RCT) does not exist: every backup of it is a full. Convert it to VHDX for increments.`,
        slot: disk.slot,
      },
    ];
  }
  return [];
}
