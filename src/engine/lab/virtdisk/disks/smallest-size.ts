import { never } from '../../../base/abort.ts';
import { alignUp } from '../../../base/range.ts';
import type { VirtualDisk } from '../../../disk/virtual/virtual-disk.ts';
import { readPartitions } from '../../../guest/partitions/read-partitions.ts';
import { CallFailure, WIN32 } from '../wire/win32-codes.ts';

/** Bytes of the entries of a GPT, of which a copy lies behind the last partition, before its header. */
const GPT_ENTRIES = 16_384;

/**
 * Returns the smallest size to which a disk can shrink without losing a part of a partition: GPT needs
 * its second table behind the last one. Throws the error of a disk without partitions. How Windows
 * computes it is UNCONFIRMED.
 */
export async function smallestSafeSize(disk: VirtualDisk): Promise<number> {
  const { size, logicalSectorSize: sectorSize } = disk;
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(length);
    await disk.read(offset, bytes, never);
    return bytes;
  };
  const { table, partitions } = await readPartitions({ size, sectorSize, read });
  if (table === null || partitions.length === 0) throw new CallFailure(WIN32.noMinimumSize);
  const end = Math.max(...partitions.map(({ start, length }) => start + length));
  const tail = table === 'gpt' ? GPT_ENTRIES + sectorSize : 0;
  return Math.min(alignUp(end + tail, sectorSize), size);
}
