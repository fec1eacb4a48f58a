/** Space that the files of a disk occupy if gaps take no space: less than their length. */
import { NEW_BAT_OFFSET } from '../../disk/vhdx/structures/image/image-head.ts';
import { MIB, PAGE, type BlockGeometry } from '../../disk/vhdx/structures/layout.ts';
import type { Range } from '../../base/range.ts';
import { cellWork } from '../hashes/cell-work.ts';
import { CELL_SIZE, cellLength } from '../hashes/hash-cell.ts';
import { completeBlocks } from '../images/whole-blocks.ts';

/** Maximum allocation unit of file systems for a file with gaps, in bytes. */
const UNIT = 64 * 1024;

/**
 * Returns the maximum number of bytes that an image of ordered ranges occupies: the written data in
 * whole units, the non-zero pages of tables and bitmaps, and the file system's own list of pieces.
 * Constant memory.
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
  // Each cell has an entry in the block table and bits in a bitmap: two pages if no pages are
  // shared.
  const tables = NEW_BAT_OFFSET + MIB + cells * 2 * PAGE;
  return tables + (units + Math.ceil(units / 64)) * UNIT;
}
