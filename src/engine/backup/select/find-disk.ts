/** Finds the disk that a person means: by number, slot, file name, path or disk id, the same way for VMs and for points. */
import { tryParseGuid, type Guid } from '../../base/guid.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { HostVm } from '../host/host.ts';
import type { DiskRecord } from '../manifest/manifest.ts';

/** A disk with all of its names. */
export interface NamedDisk {
  /** As `vm show` counts; a point records the number of its time. */
  readonly number: number;
  readonly slot: string;
  /** Paths or names of its files, of the host and of the store. */
  readonly files: readonly string[];
  readonly virtualDiskId: Guid | null;
}

/** The disks of a VM as `vm show` numbers them. */
export function disksOfVm<Disk extends HostVm['disks'][number]>(
  disks: readonly Disk[],
): readonly (NamedDisk & { readonly disk: Disk })[] {
  return disks.map((disk, number) => ({
    number,
    slot: disk.slot,
    files: [disk.path],
    virtualDiskId: disk.virtualDiskId,
    disk,
  }));
}

/** The disks of a point, with the numbers that it recorded. */
export function disksOfPoint(
  records: readonly DiskRecord[],
): readonly (NamedDisk & { readonly disk: DiskRecord })[] {
  return records.map((disk) => ({
    number: disk.number,
    slot: disk.slot,
    files: [disk.path, disk.file],
    virtualDiskId: disk.virtualDiskId,
    disk,
  }));
}

/** The one disk that `text` names; undefined if no disk fits. Throws `disk.ambiguous` with the slots if several do. */
export function findDisk<Disk extends NamedDisk>(
  disks: readonly Disk[],
  text: string,
): Disk | undefined {
  const fitting = disks.filter((disk) => isNamed(disk, text));
  if (fitting.length <= 1) return fitting[0];
  const slots = fitting.map(({ slot }) => slot);
  throw backupError(
    'disk.ambiguous',
    `“${text}” fits ${fitting.length} disks, at ${slots.join(' and ')}: name the slot`,
    { data: { found: text, slots } },
  );
}

function isNamed({ number, slot, files, virtualDiskId }: NamedDisk, text: string): boolean {
  const wanted = normal(text);
  const id = tryParseGuid(text);
  return (
    (/^\d+$/.test(text) && Number(text) === number) ||
    wanted === normal(slot) ||
    (id !== undefined && id === virtualDiskId) ||
    files.some((file) => namesOf(file).includes(wanted))
  );
}

/** A file's path and name; of a checkpoint's `disk_<GUID>.avhdx` also the name of the disk that it belongs to. */
function namesOf(file: string): readonly string[] {
  const path = normal(file);
  const name = path.split('\\').at(-1) ?? path;
  return [path, name, name.replace(/_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.avhdx$/, '.vhdx')];
}

/** One spelling of names and Windows paths: no case, one kind of separator, no long-path prefix, composed Unicode. */
const normal = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('/', '\\')
    .replace(/^\\\\\?\\unc\\/, '\\\\')
    .replace(/^\\\\\?\\/, '');
