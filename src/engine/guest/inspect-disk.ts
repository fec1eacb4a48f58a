import type { DiskInspection, PartitionInfo, VolumeInfo } from '../api/guest/inspection.ts';
import { isEngineError } from '../base/errors.ts';
import { partOf, type GuestBytes } from './bytes/guest-bytes.ts';
import { isDynamicType, isExtendedType } from './partitions/partition-types.ts';
import { readPartitions } from './partitions/read-partitions.ts';
import type { PartitionEntry, PartitionWarning } from './partitions/sectors.ts';
import { UNKNOWN } from './volumes/recognition.ts';
import { recogniseVolume } from './volumes/recognise-volume.ts';

/** A disk, and the sector size that its image records. */
export type GuestDiskBytes = GuestBytes & { readonly logicalSectorSize: number };

/** Display name of a disk that is one volume, without a partition table. */
const WHOLE_DISK = 'Whole disk';

/**
 * Reads the partitions of a disk and recognises what each holds. Without a partition table, what the
 * disk as a whole holds is partition 0. A defect is a warning. Throws only what reading the first
 * sector throws.
 */
export async function inspectDisk(
  disk: GuestDiskBytes,
  signal: AbortSignal,
): Promise<DiskInspection> {
  const { size, logicalSectorSize: sectorSize } = disk;
  const found = await readPartitions({
    size,
    sectorSize,
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      await disk.read(offset, bytes, signal);
      return bytes;
    },
  });
  const warnings = [...found.warnings];
  const partitions: PartitionInfo[] = [];
  for (const entry of found.partitions) {
    partitions.push({ ...entry, volume: await volumeOf(disk, entry, warnings, signal) });
  }
  if (partitions.length === 0) partitions.push(...(await wholeDisk(disk, warnings, signal)));
  const { table, hybrid } = found;
  return { table, hybrid, sectorSize: found.sectorSize, size, partitions, warnings };
}

async function wholeDisk(
  disk: GuestDiskBytes,
  warnings: PartitionWarning[],
  signal: AbortSignal,
): Promise<PartitionInfo[]> {
  const whole = { number: 0, start: 0, length: disk.size, type: WHOLE_DISK, name: null };
  const volume = await volumeOf(disk, whole, warnings, signal);
  return volume === null ? [] : [{ ...whole, volume }];
}

async function volumeOf(
  disk: GuestBytes,
  entry: PartitionEntry,
  warnings: PartitionWarning[],
  signal: AbortSignal,
): Promise<VolumeInfo | null> {
  if (isExtendedType(entry.type)) return null;
  const place = entry.number === 0 ? 'The disk' : `Partition ${entry.number}`;
  try {
    const volume = await recogniseVolume(partOf(disk, entry.start, entry.length), signal);
    if (volume?.size !== null && (volume?.size ?? 0) > entry.length) {
      const message = `${place} is smaller than its file system: ${entry.length} of ${volume?.size} bytes`;
      warnings.push({ code: 'map.partitions', message });
    }
    return volume ?? (isDynamicType(entry.type) ? DYNAMIC : null);
  } catch (error) {
    if (!isEngineError(error)) throw error;
    signal.throwIfAborted();
    const message = `${place} cannot be inspected: ${error.message}`;
    warnings.push({ code: error.code, message });
    return null;
  }
}

/** A partition that Windows' logical disk manager owns. */
const DYNAMIC: VolumeInfo = {
  kind: 'dynamic',
  name: 'Windows dynamic disk',
  ...UNKNOWN,
};
