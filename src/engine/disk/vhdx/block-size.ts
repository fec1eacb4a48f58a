import { batEntryCount, MAX_BLOCK_SIZE, MIB } from './layout.ts';

const DEFAULT_BLOCK = 2 * MIB;
/** A BAT of 64 MiB is 8 Mi entries: 16 TiB in blocks of 2 MiB. */
const COMFORTABLE_BAT = 64 * MIB;

/**
 * The block size for a new image: 2 MiB, the default of differencing images, so that small changes cost
 * little; larger only where the BAT would pass 64 MiB.
 */
export function chooseBlockSize(virtualSize: number, logicalSectorSize: 512 | 4096): number {
  let blockSize = DEFAULT_BLOCK;
  const bat = (): number => batEntryCount({ virtualSize, blockSize, logicalSectorSize }, true) * 8;
  while (bat() > COMFORTABLE_BAT && blockSize < MAX_BLOCK_SIZE) blockSize *= 2;
  return blockSize;
}
