import { SECTOR } from '../structures/layout.ts';

/** Maximum number of sectors that are returned. */
const MAX_TOLD = 10_000;

/**
 * Returns the first sectors of blocks that overlap another block.
 * @param sorted first sectors of all blocks, ascending
 * @param length bytes of a block with its bitmap
 */
export function overlapping(sorted: Uint32Array, length: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (let i = 1; i < sorted.length && found.size < MAX_TOLD; i++) {
    const [before, at] = [sorted[i - 1] as number, sorted[i] as number];
    if ((at - before) * SECTOR >= length) continue;
    found.add(before).add(at);
  }
  return found;
}
