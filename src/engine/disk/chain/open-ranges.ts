import type { Range } from '../../base/range.ts';

/**
 * Ranges that a layer leaves to its parent: those that its children left open, without what it
 * takes. A range that it does not touch is passed on as it is: a deep chain has thousands of them
 * for each that is taken.
 */
export class OpenRanges {
  readonly #ranges: readonly Range[];
  /** Ranges in front of the last one taken that stay open. */
  readonly open: Range[] = [];
  #next = 0;
  #taken = -1;

  /** @param ranges ordered and disjoint */
  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges;
  }

  /** End of the last range taken; -1 before the first. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes a range that lies in the open ones; ranges come in order. */
  take({ start, end }: Range): void {
    this.#passOn(start);
    this.#taken = end;
  }

  /** Returns all that stays open, once nothing more is taken. */
  rest(): readonly Range[] {
    this.#passOn(Infinity);
    return this.open;
  }

  /** Passes on what is open in front of an offset. */
  #passOn(offset: number): void {
    for (; this.#next < this.#ranges.length; this.#next++) {
      const range = this.#ranges[this.#next] as Range;
      const { start, end } = range;
      if (end <= this.#taken) continue;
      const from = Math.max(start, this.#taken);
      // The part behind the taken range is passed on by the next call.
      if (end > offset) {
        if (from < offset) this.open.push({ start: from, end: offset });
        return;
      }
      this.open.push(from === start ? range : { start: from, end });
    }
  }
}
