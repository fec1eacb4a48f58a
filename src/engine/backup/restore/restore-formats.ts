import { newGuid } from '../../base/guid.ts';
import type { Progress } from '../../base/progress.ts';
import { copyData } from '../../disk/bulk/copy-data.ts';
import { FORMATS, formatNamed } from '../../disk/formats/formats.ts';
import type { WriteAbility } from '../../disk/image/disk-format.ts';
import type { ImageWriter, Subformat } from '../../disk/image/image-writer.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import { diskError } from '../../disk/virtual/disk-errors.ts';
import type { PartWriter } from '../../source/byte-source.ts';
import { createFilePart } from '../../source/files/file-part.ts';
import type { DiskRecord } from '../manifest/manifest.ts';

/** Names of the formats in which a disk can be restored. */
export const RESTORE_FORMATS: readonly string[] = FORMATS.flatMap(({ name, writes }) =>
  writes === undefined ? [] : [name],
);

interface RestoreFormat {
  readonly ending: string;
  /** Subformat of a restored disk. */
  readonly subformat: Subformat;
  readonly writes: WriteAbility;
}

/** Returns how a disk is restored in a format. Throws `disk.unsupported`. */
export function restoreFormat(name: string): RestoreFormat {
  const { endings, writes } = formatNamed(name);
  const [ending] = endings;
  const [subformat] = writes?.subformats ?? [];
  if (writes !== undefined && subformat !== undefined && ending !== undefined) {
    return { ending, subformat, writes };
  }
  throw diskError('disk.unsupported', `disks cannot be restored as ${name}`, {
    data: { found: name, expected: RESTORE_FORMATS.join(', ') },
  });
}

/**
 * Rejects a disk that the format cannot store, before anything is written: its size or its sectors.
 * Throws `disk.write.argument`.
 */
export function refuseUnstorable(record: DiskRecord, format: string): void {
  newWriter(NO_FILE, record, record.virtualSize, format);
}

/** Writes a disk as one independent file; leaves nothing behind if it fails. */
export async function writeDisk(
  disk: VirtualDisk,
  record: DiskRecord,
  file: string,
  format: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  await writeDiskTo(disk, record, await createFilePart(file, {}, signal), format, progress, signal);
}

/** As {@link writeDisk}, into a file that was begun; abandons it if this fails. */
export async function writeDiskTo(
  disk: VirtualDisk,
  record: DiskRecord,
  part: PartWriter,
  format: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  try {
    const writer = newWriter(part, record, disk.size, format);
    await copyData(disk, writer, progress, signal);
    await writer.complete(signal);
  } catch (error) {
    await part.abandon();
    throw error;
  }
}

/** Plans the image of a restored disk; writes nothing yet. Throws `disk.write.argument`. */
function newWriter(
  part: PartWriter,
  record: DiskRecord,
  size: number,
  format: string,
): ImageWriter {
  const { writes, subformat } = restoreFormat(format);
  const { logicalSectorSize } = record;
  return writes.create(part, {
    size,
    subformat,
    logicalSectorSize,
    // Points made before this was recorded have images with 4096. A physical sector smaller than
    // the logical one, which no disk has, is raised to it.
    physicalSectorSize: Math.max(logicalSectorSize, record.physicalSectorSize ?? 4096),
    diskId: record.virtualDiskId ?? newGuid(),
  });
}

/** Stands for a file while an image is only planned. */
const NO_FILE: PartWriter = {
  name: '',
  write: () => Promise.reject(new Error('a planned image was written')),
  complete: () => Promise.reject(new Error('a planned image was completed')),
  abandon: () => Promise.resolve(),
};
