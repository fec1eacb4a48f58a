import type { Range } from '../../base/range.ts';
import { CELL_SIZE } from '../hashes/hash-cell.ts';

/** A set of cells in one part of the disk: one byte for each cell of the part. */
export class CellWindow {
  readonly cells: Range;
  readonly #marks: Uint8Array;

  constructor(cells: Range) {
    this.cells = cells;
    this.#marks = new Uint8Array(cells.end - cells.start);
  }

  /** Bytes of the disk that the part covers; the last cell may be shorter. */
  get bytes(): Range {
    return { start: this.cells.start * CELL_SIZE, end: this.cells.end * CELL_SIZE };
  }

  add(cells: Range): void {
    this.#fill(cells, 1);
  }

  remove(cells: Range): void {
    this.#fill(cells, 0);
  }

  /** Yields the cells of the set in order, as runs that do not touch. */
  *runs(): Generator<Range> {
    const { start: base } = this.cells;
    for (let at = this.#marks.indexOf(1); at >= 0;) {
      const gap = this.#marks.indexOf(0, at);
      const end = gap < 0 ? this.#marks.length : gap;
      yield { start: base + at, end: base + end };
      at = this.#marks.indexOf(1, end);
    }
  }

  #fill({ start, end }: Range, mark: 0 | 1): void {
    const { start: base } = this.cells;
    this.#marks.fill(mark, Math.max(0, start - base), Math.max(0, end - base));
  }
}

/** Returns the cells that a range of bytes touches. */
export const touchedCells = ({ start, end }: Range): Range => ({
  start: Math.floor(start / CELL_SIZE),
  end: Math.ceil(end / CELL_SIZE),
});
