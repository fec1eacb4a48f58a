import type { Fields } from '../bytes/fields.ts';
import { guestError } from '../bytes/guest-errors.ts';
import type { ExtentList } from '../contract/extent-bytes.ts';
import type { ExtVolume } from './ext-volume.ts';

/*
 * Node of an extent tree ("ext4 Data Structures", extent tree): 0 F30A, 2 entries, 6 depth; entries
 * of 12 bytes from 12. Leaf: 0 first block of the file, 4 count (more than 32768: not written yet),
 * 6 block, high, 8 low. Index: 0 first block of the file, 4 block, low, 8 high.
 */
const MAGIC = 0xf30a;
const MAX_DEPTH = 5;
const WRITTEN = 32_768;
/** Maximum number of nodes of one tree: a hostile one names the same child many times. */
const MAX_NODES = 65_536;

/** Collects the extents of an inode. Parts that were never written are left out: they are zeros. */
export async function readExtentTree(
  volume: ExtVolume,
  root: Fields,
  list: ExtentList,
  signal: AbortSignal,
): Promise<void> {
  await readNode(volume, root, undefined, list, { nodes: 0 }, signal);
}

async function readNode(
  volume: ExtVolume,
  node: Fields,
  expected: number | undefined,
  list: ExtentList,
  read: { nodes: number },
  signal: AbortSignal,
): Promise<void> {
  if (++read.nodes > MAX_NODES) {
    throw guestError('guest.limit', `An extent tree has more than ${MAX_NODES} nodes`);
  }
  const [count, depth] = [node.u16(2), node.u16(6)];
  const fits = expected === undefined ? depth <= MAX_DEPTH : depth === expected;
  if (node.u16(0) !== MAGIC || !fits || 12 + count * 12 > node.length) {
    throw guestError('guest.damaged', `${node.what} has an invalid extent tree`, {
      data: { what: node.what, depth, entries: count },
    });
  }
  const { blockSize } = volume.sb;
  for (let at = 12; at < 12 + count * 12; at += 12) {
    if (depth > 0) {
      const block = node.u32(at + 4) + node.u16(at + 8) * 2 ** 32;
      const child = await volume.block(block, 'Extent block', signal);
      await readNode(volume, child, depth - 1, list, read, signal);
      continue;
    }
    const length = node.u16(at + 4);
    if (length > WRITTEN) continue;
    const block = node.u32(at + 8) + node.u16(at + 6) * 2 ** 32;
    list.add(node.u32(at) * blockSize, length * blockSize, block * blockSize);
  }
}
