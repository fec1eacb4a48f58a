import { encodeBatEntry, rawOffset, rawState } from '../structures/bat-entry.ts';

const PAGE_ENTRIES = 512;
const PAGE_BYTES = PAGE_ENTRIES * 8;

/** A BAT under construction: stores only the 4 KiB pages that have entries. */
export class SparseBat {
  readonly #pages = new Map<number, DataView>();

  set(index: number, state: number, offset: number): void {
    const number = Math.floor(index / PAGE_ENTRIES);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = new DataView(new ArrayBuffer(PAGE_BYTES));
      this.#pages.set(number, page);
    }
    encodeBatEntry(page, (index % PAGE_ENTRIES) * 8, state, offset);
  }

  offset(index: number): number {
    const page = this.#pages.get(Math.floor(index / PAGE_ENTRIES));
    if (page === undefined) return 0;
    const at = (index % PAGE_ENTRIES) * 8;
    return rawOffset(page.getUint32(at, true), page.getUint32(at + 4, true));
  }

  /** Yields the indices of the entries that have a state, ascending. */
  *indices(): Generator<number> {
    for (const [number, page] of [...this.#pages].sort((a, b) => a[0] - b[0])) {
      for (let i = 0; i < PAGE_ENTRIES; i++) {
        if (rawState(page.getUint32(i * 8, true)) !== 0) yield number * PAGE_ENTRIES + i;
      }
    }
  }

  /**
   * Fills `into` with the BAT's bytes from `start`, a multiple of 4 KiB; absent pages are zeros.
   */
  copy(start: number, into: Uint8Array): void {
    into.fill(0);
    for (let at = 0; at < into.length; at += PAGE_BYTES) {
      const page = this.#pages.get((start + at) / PAGE_BYTES);
      if (page !== undefined) into.set(new Uint8Array(page.buffer), at);
    }
  }
}
