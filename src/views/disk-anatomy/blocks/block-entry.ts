import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';

type Blocks = NonNullable<AnatomyInfo['blocks']>;

const MIB = 2 ** 20;
/** States of an entry with data in the file: fully and partially present. */
const PLACED: readonly number[] = [6, 7];

export const ENTRY_SIZE = 8;

/**
 * Returns the file offset of a block's entry: each chunk of payload entries is followed by the
 * entry of its sector bitmap.
 */
export function entryOffset({ batOffset, chunkRatio }: Blocks, block: number): number {
  return batOffset + ENTRY_SIZE * (block + Math.floor(block / chunkRatio));
}

/**
 * Returns the file offset of a block's data from its entry; null if the file does not hold the
 * data.
 */
export function dataOffset(entry: Uint8Array): number | null {
  if (entry.length < ENTRY_SIZE) return null;
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  const low = view.getUint32(0, true);
  const high = view.getUint32(4, true);
  if (!PLACED.includes(low & 7) || high >= 2 ** 21) return null;
  return (high * 2 ** 12 + (low >>> 20)) * MIB;
}
