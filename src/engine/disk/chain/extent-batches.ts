import type { Range } from '../../base/range.ts';
import { ChainDisk } from './chain.ts';
import type { Extent, VirtualDisk } from '../virtual/virtual-disk.ts';

/**
 * Yields the extents of a disk in batches if the disk provides them: awaiting a hundred thousand
 * extents one by one takes longer than reading the tables. Neighbours in two batches may be equal.
 */
export async function* extentBatches(
  disk: VirtualDisk,
  within: Range,
  signal: AbortSignal,
): AsyncGenerator<readonly Extent[]> {
  if (disk instanceof ChainDisk) yield* disk.extentBatches(within, signal);
  else for await (const extent of disk.extents(within, signal)) yield [extent];
}
