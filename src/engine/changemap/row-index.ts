import type { PartitionInfo } from '../api/guest/inspection.ts';
import type { Segments } from './segments.ts';

/**
 * The bytes of one row of the table: a segment, or the part of a segment between two partition
 * borders.
 */
export interface RowPiece {
  readonly segment: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Numbers the rows of the table. A segment that crosses a partition border is one row on each side,
 * so that each row lies in one partition. Stores only the borders; bisection finds a row.
 */
export class RowIndex {
  /** Number of rows. */
  readonly total: number;
  readonly #segments: Segments;
  /** Borders inside segments, ascending, and the segment of each. */
  readonly #borders: readonly number[];
  readonly #owners: readonly number[];

  constructor(segments: Segments, partitions: readonly PartitionInfo[]) {
    this.#segments = segments;
    const ends = partitions.flatMap(({ start, length }) => [start, start + length]);
    const inside = [...new Set(ends)]
      .sort((a, b) => a - b)
      .map((border) => ({ border, owner: segments.firstEndingAfter(border) }))
      .filter(
        ({ border, owner }) =>
          owner < segments.count && (segments.starts[owner] as number) < border,
      );
    this.#borders = inside.map(({ border }) => border);
    this.#owners = inside.map(({ owner }) => owner);
    this.total = segments.count + inside.length;
  }

  piece(row: number): RowPiece {
    // Border k begins row owners[k] + k + 1.
    const before = countWhile(
      this.#owners.length,
      (k) => (this.#owners[k] as number) + k + 1 <= row,
    );
    const segment = row - before;
    const { starts, ends } = this.#segments;
    const follows = before > 0 && this.#owners[before - 1] === segment;
    const cut = this.#owners[before] === segment;
    return {
      segment,
      start: (follows ? this.#borders[before - 1] : starts[segment]) as number,
      end: (cut ? this.#borders[before] : ends[segment]) as number,
    };
  }

  /** Returns the row that contains `offset`, or the first one behind it. */
  rowAt(offset: number): number {
    const segment = this.#segments.firstEndingAfter(offset);
    const before = countWhile(this.#borders.length, (k) => {
      const owner = this.#owners[k] as number;
      return owner < segment || (owner === segment && (this.#borders[k] as number) <= offset);
    });
    return segment + before;
  }
}

/**
 * Returns the number of leading indexes for which `holds` is true; `holds` must be true up to some
 * index and false from there on.
 */
function countWhile(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
