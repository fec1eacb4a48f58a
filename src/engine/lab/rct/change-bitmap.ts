import type { Range } from '../../base/range.ts';
import { RangeSet } from '../../base/range-set.ts';

/** Number of units marked by one page of bits. */
const PAGE_UNITS = 32_768;

/** The written units of a disk, as touched pages of bits: memory grows with the written ranges. */
export class ChangeBitmap {
  readonly #unit: number;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(unit: number) {
    this.#unit = unit;
  }

  mark(written: Range): void {
    const last = Math.ceil(written.end / this.#unit);
    for (let unit = Math.floor(written.start / this.#unit); unit < last; unit++) {
      const index = Math.floor(unit / PAGE_UNITS);
      let page = this.#pages.get(index);
      if (page === undefined) {
        page = new Uint8Array(PAGE_UNITS / 8);
        this.#pages.set(index, page);
      }
      const bit = unit % PAGE_UNITS;
      page[bit >>> 3] = (page[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  }

  /** Returns the marked bytes, in whole units. */
  ranges(): RangeSet {
    const out: Range[] = [];
    for (const [index, page] of this.#pages) {
      for (let byte = 0; byte < page.length; byte++) {
        const bits = page[byte] ?? 0;
        for (let bit = 0; bits >>> bit !== 0; bit++) {
          if (((bits >>> bit) & 1) === 0) continue;
          const start = (index * PAGE_UNITS + byte * 8 + bit) * this.#unit;
          out.push({ start, end: start + this.#unit });
        }
      }
    }
    return RangeSet.of(out);
  }
}
