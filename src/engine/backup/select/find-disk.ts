/**
 * Finds the disk that a user names by number, slot, file name, path or disk ID; the same way for
 * VMs and for points.
 */
import { tryParseGuid, type Guid } from '../../base/guid.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { HostVm } from '../host/host.ts';
import type { DiskRecord } from '../manifest/manifest.ts';

/** A disk with all of its names. */
export interface NamedDisk {
  /** Number in `vm show`; a point records the number at its time. */
  readonly number: number;
  readonly slot: string;
  /** Paths or names of its files, on the host and in the store. */
  readonly files: readonly string[];
  readonly virtualDiskId: Guid | null;
}

/** Returns the disks of a VM with their numbers in `vm show`. */
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

/** Returns the disks of a point with the recorded numbers. */
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

/**
 * Returns the one disk that `text` names; undefined if no disk matches. Throws `disk.ambiguous`
 * with the slots if several match.
 */
export function findDisk<Disk extends NamedDisk>(
  disks: readonly Disk[],
  text: string,
): Disk | undefined {
  const fitting = disks.filter((disk) => isNamed(disk, text));
  if (fitting.length <= 1) return fitting[0];
  const slots = fitting.map(({ slot }) => slot);
  throw backupError(
    'disk.ambiguous',
    `“${text}” matches ${fitting.length} disks, at ${slots.join(' and ')}: name the slot`,
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

/**
 * Returns a file's path and name; for a checkpoint's `disk_<GUID>.avhdx` also the name of its base
 * disk.
 */
function namesOf(file: string): readonly string[] {
  const path = normal(file);
  const name = path.split('\\').at(-1) ?? path;
  return [path, name, name.replace(/_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.avhdx$/, '.vhdx')];
}

/**
 * Normalizes names and Windows paths: no case, one kind of separator, no long-path prefix, composed
 * Unicode.
 */
const normal = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('/', '\\')
    .replace(/^\\\\\?\\unc\\/, '\\\\')
    .replace(/^\\\\\?\\/, '');
