/** Bits of a page: 4 KiB. A page covers 2 GiB of a disk in units of 64 KiB. */
const PAGE_BITS = 32_768;

/** A set of unit numbers, as pages of bits: only touched pages take memory. */
export class UnitSet {
  readonly #pages = new Map<number, Uint8Array>();

  add(unit: number): void {
    const number = Math.floor(unit / PAGE_BITS);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = new Uint8Array(PAGE_BITS / 8);
      this.#pages.set(number, page);
    }
    const bit = unit % PAGE_BITS;
    page[bit >> 3] = (page[bit >> 3] as number) | (1 << (bit & 7));
  }

  delete(unit: number): void {
    const page = this.#pages.get(Math.floor(unit / PAGE_BITS));
    if (page === undefined) return;
    const bit = unit % PAGE_BITS;
    page[bit >> 3] = (page[bit >> 3] as number) & ~(1 << (bit & 7));
  }

  /** Yields the units in order, merged to runs `[start, end)`. */
  *runs(): Generator<{ readonly start: number; readonly end: number }> {
    let open: { start: number; end: number } | undefined;
    for (const number of [...this.#pages.keys()].sort((a, b) => a - b)) {
      const page = this.#pages.get(number) as Uint8Array;
      for (let byte = 0; byte < page.length; byte++) {
        const bits = page[byte] as number;
        for (let bit = 0; bits >> bit !== 0; bit++) {
          if (((bits >> bit) & 1) === 0) continue;
          const unit = number * PAGE_BITS + byte * 8 + bit;
          if (open?.end === unit) open.end = unit + 1;
          else {
            if (open !== undefined) yield open;
            open = { start: unit, end: unit + 1 };
          }
        }
      }
    }
    if (open !== undefined) yield open;
  }
}
