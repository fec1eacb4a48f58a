import { backupError } from '../errors/backup-errors.ts';
import { disksOfVm, findDisk } from './find-disk.ts';
import type { HostDisk, HostVm } from '../host/host.ts';

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
  refuse(disks);
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
function refuse(disks: readonly HostDisk[]): void {
  const refused = disks.flatMap((disk) => {
    const why = whyNot(disk);
    return why === undefined ? [] : [{ ...disk, why }];
  });
  const [first, ...others] = refused;
  if (first === undefined) return;
  const { slot, path, format, why } = first;
  const slots = refused.map((each) => each.slot);
  const also = others.length === 0 ? '' : `; the same holds for ${slots.slice(1).join(', ')}`;
  throw backupError('plan.disk', `The disk at ${slot} ${why}${also}`, {
    data: { slot, path, format, slots },
  });
}

/** Returns why a disk cannot be backed up, or undefined if it can. */
function whyNot({ format, shared, path }: HostDisk): string | undefined {
  if (format === 'physical') return 'is a pass-through disk, which checkpoints do not include';
  if (shared || format === 'vhds') {
    return 'is shared between VMs, which this version cannot back up';
  }
  const read = format === 'vhdx' || format === 'vhd';
  return read ? undefined : `is neither a VHDX nor a VHD file (${path})`;
}
