import { backupError } from '../errors/backup-errors.ts';
import { disksOfVm, findDisk } from './find-disk.ts';
import type { HostDisk, HostVm, VmIdentity } from '../host/host.ts';

export interface ExcludedDisk {
  readonly slot: string;
  readonly path: string;
  readonly why: string;
}

/**
 * Selects the disks of a VM to back up, and those to exclude. Throws `plan.disk`, `plan.excluded`,
 * `disk.ambiguous`.
 */
export function selectDisks(
  vm: HostVm,
  exclude: readonly string[],
): { readonly disks: readonly HostDisk[]; readonly excluded: readonly ExcludedDisk[] } {
  const out = new Set<HostDisk>();
  const named = disksOfVm(vm.disks);
  for (const text of exclude) {
    const disk = findDisk(named, text)?.disk;
    if (disk === undefined) {
      throw backupError('plan.excluded', `${vm.name} has no disk “${text}” to exclude`, {
        data: { found: text, expected: vm.disks.map((each) => each.slot) },
      });
    }
    out.add(disk);
  }
  const disks = vm.disks.filter((disk) => !out.has(disk));
  refuse(vm, disks);
  if (disks.length === 0) {
    throw backupError('plan.empty', `${vm.name} has no disk to back up`, { data: { vm: vm.id } });
  }
  const excluded = Array.from(out, ({ slot, path }) => ({ slot, path, why: 'asked' }));
  return { disks, excluded };
}

/**
 * Throws `plan.disk` with the slot of every disk that cannot be backed up, so that all can be
 * excluded at once.
 */
function refuse(vm: HostVm, disks: readonly HostDisk[]): void {
  const refused = disks.flatMap((disk) => {
    const why = whyNot(vm, disk);
    return why === undefined ? [] : [{ ...disk, why }];
  });
  // A shared VHDX stops the other disks of its group, so it is named first.
  const isCause = ({ shared, format }: HostDisk): boolean => shared && format !== 'vhds';
  refused.sort((a, b) => Number(isCause(b)) - Number(isCause(a)));
  const [first, ...others] = refused;
  if (first === undefined) return;
  const { slot, path, format, why } = first;
  const slots = refused.map((each) => each.slot);
  const also = others.length === 0 ? '' : `; the same holds for ${slots.slice(1).join(', ')}`;
  throw backupError('plan.disk', `The disk at ${slot} ${why}${also}`, {
    data: {
      slot,
      path,
      format,
      slots,
      groups: (vm.groups ?? []).map(({ id }) => id),
      running: (vm.offline?.running ?? []).map(({ id }) => id),
    },
  });
}

/** Returns why a disk cannot be backed up, or undefined if it can. */
function whyNot(vm: HostVm, { format, shared, path }: HostDisk): string | undefined {
  if (format === 'physical') return 'is a pass-through disk, which checkpoints do not include';
  if (vm.offline !== undefined) {
    const { running } = vm.offline;
    const kind =
      shared && format !== 'vhds'
        ? `is a shared VHDX (${path})`
        : 'is in a group with a shared VHDX';
    if (running.length > 0) return `${kind}, which Hyper-V cannot freeze. ${offWords(running)}`;
    if (format === 'vhds') {
      return `is a VHD Set in a group with a shared VHDX, which Hyper-V cannot freeze. Convert the VHDX to a VHD Set, or exclude this disk`;
    }
  }
  if (format === 'vhds') return vm.members === undefined ? sharedWords(vm) : undefined;
  if (shared && vm.offline === undefined) {
    return `is a shared VHDX (${path}), which Hyper-V cannot freeze. Convert it to a VHD Set, and back up the group of VMs that share it; as a VHDX, that group can be backed up while its VMs are off`;
  }
  const read = format === 'vhdx' || format === 'vhd';
  return read ? undefined : `is neither a VHDX nor a VHD file (${path})`;
}

/** Says which group to back up instead of a VM with a VHD Set, or that it takes one. */
function sharedWords({ groups = [] }: HostVm): string {
  if (groups.length === 0) {
    return 'is shared between VMs, which are frozen together as a group only, and no group has every VM that uses it. Create a group with every VM that has the disk, and back it up';
  }
  const names = groups.map(({ id, name }) => `“${name}” (${id})`).join(' or ');
  return `is shared between VMs, which are frozen together as a group only: back up the group ${names}`;
}

/** Says which VMs must be off. */
function offWords(running: readonly VmIdentity[]): string {
  const names = running.map(({ name }) => name).join(', ');
  return `Convert it to a VHD Set, or back the group up while every VM that has it is off: now ${running.length === 1 ? `${names} is not` : `${names} are not`}`;
}
