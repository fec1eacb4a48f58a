import type { DiskInspection, PartitionInfo, VolumeKind } from '../../api/guest/inspection.ts';
import { partOf, type GuestBytes } from '../bytes/guest-bytes.ts';
import { guestError } from '../bytes/guest-errors.ts';
import type { GuestFiles } from '../contract/guest-files.ts';
import { openExtFiles } from '../ext/ext-files.ts';
import { openFatFiles } from '../fat/fat-files.ts';
import { openNtfsFiles } from '../ntfs/ntfs-files.ts';

type Open = (volume: GuestBytes, signal: AbortSignal) => Promise<GuestFiles>;

/** The file systems that are read. */
const READERS: Readonly<Partial<Record<VolumeKind, Open>>> = {
  ntfs: openNtfsFiles,
  fat12: openFatFiles,
  fat16: openFatFiles,
  fat32: openFatFiles,
  ext2: openExtFiles,
  ext3: openExtFiles,
  ext4: openExtFiles,
};

/** The files of a volume, and the number of its partition. */
export interface OpenedVolume {
  readonly number: number;
  readonly files: GuestFiles;
}

/**
 * Opens the files of a volume.
 * @param number of the partition; null: the only one whose files can be read
 *
 * Throws `guest.volume` if the disk does not have it, or has several, `guest.unsupported` for other
 * file systems, `guest.encrypted`, `guest.damaged`.
 */
export async function openVolume(
  disk: GuestBytes,
  inspection: DiskInspection,
  number: number | null,
  signal: AbortSignal,
): Promise<OpenedVolume> {
  const partition = choose(inspection.partitions, number);
  const { volume, start, length } = partition;
  const open = volume === null ? undefined : READERS[volume.kind];
  if (volume?.encrypted === true) {
    const message = `Partition ${partition.number} is encrypted with ${volume.name}; Refpoint has no key`;
    throw guestError('guest.encrypted', message, { data: { found: volume.name } });
  }
  if (open === undefined) {
    const found = volume?.name ?? 'no known file system';
    const message = `Partition ${partition.number} holds ${found}; files are read from NTFS, FAT, ext2, ext3 and ext4`;
    throw guestError('guest.unsupported', message, { data: { found } });
  }
  return { number: partition.number, files: await open(partOf(disk, start, length), signal) };
}

function choose(partitions: readonly PartitionInfo[], number: number | null): PartitionInfo {
  const readable = partitions.filter(({ volume }) => volume?.browsable === true);
  const fitting = number === null ? readable : partitions.filter((each) => each.number === number);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const expected = readable.map(
    ({ number: each, volume }) =>
      `${each} (${[volume?.name, volume?.label].filter(Boolean).join(', ')})`,
  );
  const choice = expected.length === 0 ? 'none' : expected.join(', ');
  const message =
    number === null
      ? `The disk has ${readable.length} volumes whose files can be read: ${choice}`
      : `The disk has no volume ${number}; volumes whose files can be read: ${choice}`;
  throw guestError('guest.volume', message, { data: { found: number, expected } });
}
