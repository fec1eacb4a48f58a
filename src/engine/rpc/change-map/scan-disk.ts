import type { PartitionInfo } from '../../api/change-map.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { readPartitions } from '../../changemap/partitions/read-partitions.ts';
import { CHANGED, DATA, tagOf, ZERO, type Segments } from '../../changemap/segments.ts';
import { SegmentsBuilder } from '../../changemap/segments-builder.ts';
import type { VirtualDisk } from '../../disk/virtual-disk.ts';
import type { MapWarning } from './map-contents.ts';

/**
 * What a chain says of each byte, with the layer that says it as the writer. Bytes whose newest layer lies above `changedAbove`
 * (0: none, 1: the image itself, 2: its parent too …) count as changed.
 */
export async function scanDisk(
  disk: VirtualDisk,
  changedAbove: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<Segments> {
  const builder = new SegmentsBuilder();
  progress.phase('scan', disk.size);
  for await (const extent of disk.extents({ start: 0, end: disk.size }, signal)) {
    progress.advance(extent.length);
    if (extent.kind === 'hole') continue;
    const what = extent.kind === 'data' ? DATA : ZERO;
    const states = extent.depth < changedAbove ? what | CHANGED : what;
    builder.add(extent.start, extent.start + extent.length, tagOf(states, extent.depth));
  }
  return builder.build(disk.size, false);
}

export interface FoundPartitions {
  readonly partitions: readonly PartitionInfo[] | null;
  readonly warnings: readonly MapWarning[];
}

/** The partitions by the disk's own sectors; sectors that cannot be read are a warning. */
export async function findPartitions(
  disk: VirtualDisk,
  signal: AbortSignal,
): Promise<FoundPartitions> {
  try {
    return await readPartitions({
      size: disk.size,
      sectorSize: disk.logicalSectorSize,
      read: async (offset, length) => {
        const bytes = new Uint8Array(length);
        await disk.read(offset, bytes, signal);
        return bytes;
      },
    });
  } catch (error) {
    if (!isEngineError(error)) throw error;
    const message = `The partition table cannot be read: ${error.message}`;
    return { partitions: null, warnings: [{ code: error.code, message }] };
  }
}
