import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';

type Blocks = NonNullable<AnatomyInfo['blocks']>;

const MIB = 2 ** 20;
/** States of an entry with a place in the file: fully and partially present. */
const PLACED: readonly number[] = [6, 7];

export const ENTRY_SIZE = 8;

/** Where the table's entry of a block lies in the file: after each chunk of payload entries comes one for their sector bitmap. */
export function entryOffset({ batOffset, chunkRatio }: Blocks, block: number): number {
  return batOffset + ENTRY_SIZE * (block + Math.floor(block / chunkRatio));
}

/** Where the data of a block lie, by its entry; null where the file does not hold them. */
export function dataOffset(entry: Uint8Array): number | null {
  if (entry.length < ENTRY_SIZE) return null;
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  const low = view.getUint32(0, true);
  const high = view.getUint32(4, true);
  if (!PLACED.includes(low & 7) || high >= 2 ** 21) return null;
  return (high * 2 ** 12 + (low >>> 20)) * MIB;
}
