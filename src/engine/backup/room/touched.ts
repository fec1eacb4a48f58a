import type { Range } from '../../base/range.ts';

/**
 * Counts the pieces of one size that ordered ranges touch: blocks, pages, cells. Constant memory.
 */
export class TouchedPieces {
  readonly #size: number;
  /** First piece that has not been counted yet. */
  #next = 0;
  count = 0;

  /** @param size of a piece, in bytes. */
  constructor(size: number) {
    this.#size = size;
  }

  add({ start, end }: Range): void {
    const first = Math.max(this.#next, Math.floor(start / this.#size));
    const next = Math.ceil(end / this.#size);
    if (next <= first) return;
    this.count += next - first;
    this.#next = next;
  }
}
