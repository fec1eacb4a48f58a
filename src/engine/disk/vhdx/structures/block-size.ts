import { batEntryCount, MAX_BLOCK_SIZE, MIB, MIN_BLOCK_SIZE } from './layout.ts';

const DEFAULT_BLOCK = 2 * MIB;
/** A BAT of 64 MiB has 8 Mi entries: 16 TiB in blocks of 2 MiB. */
const COMFORTABLE_BAT = 64 * MIB;

/**
 * Returns the block size for a new image: 2 MiB, the default of differencing images, so that small
 * changes take little space; larger only if the BAT would exceed 64 MiB.
 */
export function chooseBlockSize(virtualSize: number, logicalSectorSize: 512 | 4096): number {
  return smallestFrom(DEFAULT_BLOCK, virtualSize, logicalSectorSize);
}

/**
 * Returns the block size for an increment: 1 MiB, the minimum, since every touched block takes its
 * full size in the file (Windows does not attach a sparse VHDX); larger only if the BAT would
 * exceed 64 MiB.
 */
export function incrementBlockSize(virtualSize: number, logicalSectorSize: 512 | 4096): number {
  return smallestFrom(MIN_BLOCK_SIZE, virtualSize, logicalSectorSize);
}

function smallestFrom(first: number, virtualSize: number, logicalSectorSize: 512 | 4096): number {
  let blockSize = first;
  const bat = (): number => batEntryCount({ virtualSize, blockSize, logicalSectorSize }, true) * 8;
  while (bat() > COMFORTABLE_BAT && blockSize < MAX_BLOCK_SIZE) blockSize *= 2;
  return blockSize;
}
