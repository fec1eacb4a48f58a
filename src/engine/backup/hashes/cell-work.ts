import { alignOut, type Range } from '../../base/range.ts';
import { CELL_SIZE } from './hash-cell.ts';

/** A cell with data to copy. Parts are ordered, do not touch, and lie inside the cell. */
export interface CellWork {
  readonly cell: number;
  readonly parts: readonly Range[];
}

/**
 * Converts ordered ranges to the cells that they touch, each once and in order. Rounds ranges to
 * whole sectors and clips them to the disk. Streams: holds the parts of one cell.
 */
export async function* cellWork(
  ranges: AsyncIterable<Range> | Iterable<Range>,
  virtualSize: number,
  sector: number,
): AsyncGenerator<CellWork> {
  let cell = -1;
  let parts: Range[] = [];
  for await (const each of ranges) {
    const grown = alignOut(each, sector);
    const end = Math.min(grown.end, virtualSize);
    for (let at = grown.start; at < end;) {
      const next = Math.floor(at / CELL_SIZE);
      const stop = Math.min(end, (next + 1) * CELL_SIZE);
      if (next !== cell) {
        if (parts.length > 0) yield { cell, parts };
        cell = next;
        parts = [];
      }
      add(parts, { start: at, end: stop });
      at = stop;
    }
  }
  if (parts.length > 0) yield { cell, parts };
}

/**
 * Rounded ranges overlap by less than a sector at most, since the ranges themselves are ordered and
 * apart.
 */
function add(parts: Range[], part: Range): void {
  const last = parts.at(-1);
  if (last === undefined || part.start > last.end) parts.push(part);
  else if (part.end > last.end) parts[parts.length - 1] = { start: last.start, end: part.end };
}
