import { backupError } from './backup-errors.ts';
import type { HostDisk, HostVm } from './host.ts';

export interface ExcludedDisk {
  readonly slot: string;
  readonly path: string;
  readonly why: string;
}

/** The disks of a VM that are backed up, and those that were asked to be left out. `plan.disk`, `plan.excluded`. */
export function selectDisks(
  vm: HostVm,
  exclude: readonly string[],
): { readonly disks: readonly HostDisk[]; readonly excluded: readonly ExcludedDisk[] } {
  const out = new Set<HostDisk>();
  for (const text of exclude) {
    const disk = vm.disks.find((each, number) => names(each, number, text));
    if (disk === undefined) {
      throw backupError(
        'plan.excluded',
        `${vm.name} has no disk “${text}” that could be excluded`,
        {
          data: { found: text, expected: vm.disks.map((each) => each.slot) },
        },
      );
    }
    out.add(disk);
  }
  const disks = vm.disks.filter((disk) => !out.has(disk));
  for (const disk of disks) refuse(disk);
  if (disks.length === 0) {
    throw backupError('plan.empty', `${vm.name} has no disk to back up`, { data: { vm: vm.id } });
  }
  const excluded = Array.from(out, ({ slot, path }) => ({ slot, path, why: 'asked' }));
  return { disks, excluded };
}

/** Whether `text` names the disk: its number, slot, file name or id. */
export function names(disk: HostDisk, number: number, text: string): boolean {
  const wanted = text.toLowerCase();
  const file = disk.path.split(/[\\/]/).at(-1)?.toLowerCase();
  return (
    wanted === String(number) ||
    wanted === disk.slot ||
    wanted === file ||
    wanted === disk.path.toLowerCase() ||
    wanted.replace(/[{}]/g, '') === disk.virtualDiskId
  );
}

function refuse(disk: HostDisk): void {
  const why =
    disk.format === 'physical'
      ? 'is a pass-through disk, which no checkpoint holds'
      : disk.shared || disk.format === 'vhds'
        ? 'is shared between VMs, which this version cannot back up'
        : disk.format !== 'vhdx'
          ? `is no VHDX (${disk.path})`
          : undefined;
  if (why === undefined) return;
  throw backupError(
    'plan.disk',
    `The disk at ${disk.slot} ${why}. Leave it out with --exclude-disk ${disk.slot}`,
    {
      data: { slot: disk.slot, path: disk.path, format: disk.format },
    },
  );
}
