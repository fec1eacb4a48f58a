import type { Range } from '../../base/range.ts';
import { ChainDisk } from './chain.ts';
import type { Extent, VirtualDisk } from '../virtual/virtual-disk.ts';

/**
 * The extents of a disk, many at once where it has them so: to wait for each of a hundred thousand takes longer than to read the
 * tables. Neighbours of two batches may be alike.
 */
export async function* extentBatches(
  disk: VirtualDisk,
  within: Range,
  signal: AbortSignal,
): AsyncGenerator<readonly Extent[]> {
  if (disk instanceof ChainDisk) yield* disk.extentBatches(within, signal);
  else for await (const extent of disk.extents(within, signal)) yield [extent];
}
