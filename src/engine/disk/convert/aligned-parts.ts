import { alignDown, alignUp } from '../../base/range.ts';
import { extentBatches } from '../chain/extent-batches.ts';
import type { VirtualDisk } from '../virtual/virtual-disk.ts';
import type { SourcePart } from './copy-parts.ts';

/**
 * Yields the parts of a disk with borders at multiples of `unit`, for a copy with larger sectors: a
 * unit of which any byte is data becomes data. The size of the disk must be a multiple.
 */
export async function* alignedParts(
  disk: VirtualDisk,
  unit: number,
  signal: AbortSignal,
): AsyncGenerator<SourcePart> {
  let at = 0;
  for await (const extents of extentBatches(disk, { start: 0, end: disk.size }, signal)) {
    for (const { start, length, kind } of extents) {
      const end = start + length;
      const to = kind === 'data' ? alignUp(end, unit) : alignDown(end, unit);
      if (to <= at) continue;
      yield { start: at, end: to, kind };
      at = to;
    }
  }
}
