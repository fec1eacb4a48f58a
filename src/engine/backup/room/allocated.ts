/** What the files of a disk occupy where gaps take no space, which is less than they are long. */
import { NEW_BAT_OFFSET } from '../../disk/vhdx/structures/image-head.ts';
import { MIB, PAGE, type BlockGeometry } from '../../disk/vhdx/structures/layout.ts';
import type { Range } from '../../base/range.ts';
import { cellWork } from '../hashes/cell-work.ts';
import { CELL_SIZE, cellLength } from '../hashes/hash-cell.ts';
import { completeBlocks } from '../images/whole-blocks.ts';

/** Unit in which file systems give space to a file with gaps, at most. */
const UNIT = 64 * 1024;

/**
 * Returns the bytes that an image of ordered ranges occupies at most: what is written, grown to whole units, the pages of tables
 * and bitmaps that are not zero, and what the file system needs to list it all. Constant memory.
 */
export async function imageAllocated(
  ranges: AsyncIterable<Range> | Iterable<Range>,
  geometry: BlockGeometry,
  kind: 'full' | 'incr',
): Promise<number> {
  const { virtualSize, logicalSectorSize } = geometry;
  let units = 0;
  let cells = 0;
  const work = completeBlocks(
    cellWork(ranges, virtualSize, logicalSectorSize),
    kind === 'full' ? null : geometry,
  );
  for await (const { cell, parts, whole } of work) {
    const start = cell * CELL_SIZE;
    const stored = whole ? [{ start, end: start + cellLength(cell, virtualSize) }] : parts;
    for (const part of stored) {
      units += Math.ceil(part.end / UNIT) - Math.floor(part.start / UNIT);
    }
    cells++;
  }
  // Each cell has its place in the block table and its bits in a bitmap: two pages, if none shares one.
  const tables = NEW_BAT_OFFSET + MIB + cells * 2 * PAGE;
  return tables + (units + Math.ceil(units / 64)) * UNIT;
}
