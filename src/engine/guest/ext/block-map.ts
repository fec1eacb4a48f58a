import type { Fields } from '../bytes/fields.ts';
import { guestError } from '../bytes/guest-errors.ts';
import type { ExtentList } from '../contract/extent-bytes.ts';
import type { ExtVolume } from './ext-volume.ts';

const DIRECT = 12;
/** More indirect blocks than the largest file of ext3 (2 TiB) has. */
const MAX_INDIRECT = 1_100_000;

/**
 * Collects the blocks of an inode without extents ("ext4 Data Structures", direct/indirect block
 * addressing): twelve blocks, then one block each of single, double and triple indirection. Block 0
 * is a hole. Stops at the end of the file; a map that names the same blocks again ends in
 * `guest.damaged`, since a file cannot have more blocks than its volume.
 */
export async function readBlockMap(
  volume: ExtVolume,
  map: Fields,
  size: number,
  list: ExtentList,
  signal: AbortSignal,
): Promise<void> {
  const { blockSize } = volume.sb;
  const blocks = Math.ceil(size / blockSize);
  const perBlock = blockSize / 4;
  let indirect = 0;
  /** Adds what a pointer names; returns the first block of the file behind it. */
  const add = async (pointer: number, first: number, depth: number): Promise<number> => {
    const end = first + perBlock ** depth;
    if (pointer === 0 || first >= blocks) return end;
    if (depth === 0) {
      list.add(first * blockSize, blockSize, pointer * blockSize);
      return end;
    }
    if (++indirect > MAX_INDIRECT) {
      throw guestError('guest.limit', `A block map has more than ${MAX_INDIRECT} indirect blocks`);
    }
    const block = await volume.block(pointer, 'Indirect block', signal);
    let at = first;
    for (let i = 0; i < perBlock && at < blocks; i++)
      at = await add(block.u32(i * 4), at, depth - 1);
    return end;
  };
  let at = 0;
  for (let i = 0; i < DIRECT; i++) at = await add(map.u32(i * 4), at, 0);
  for (let depth = 1; depth <= 3; depth++) {
    at = await add(map.u32((DIRECT + depth - 1) * 4), at, depth);
  }
}
