/** Ranges of a block: 256 KiB, which takes no time worth mentioning to get. */
const BLOCK_BITS = 14;
const BLOCK = 2 ** BLOCK_BITS;
const IN_BLOCK = BLOCK - 1;
/** Ranges of the first block of a short list; it grows. */
const FIRST = 4;

/**
 * A list of sorted ranges that neither touch nor overlap, as pairs of numbers in blocks of memory. A
 * million objects would take five times as much, and the thread would halt for tens of milliseconds
 * whenever they are moved; so it would for one block of all, each time that it grows.
 */
export class Bounds {
  readonly #blocks: Float64Array[] = [];
  #count = 0;

  /** Number of ranges. */
  get count(): number {
    return this.#count;
  }

  start(index: number): number {
    return this.#at(index)[2 * (index & IN_BLOCK)] as number;
  }

  end(index: number): number {
    return this.#at(index)[2 * (index & IN_BLOCK) + 1] as number;
  }

  /** Appends a range that does not begin before the last one; merges it with that if they touch. */
  append(start: number, end: number): void {
    const last = this.#count - 1;
    if (last >= 0 && start <= this.end(last)) {
      if (end > this.end(last)) this.#at(last)[2 * (last & IN_BLOCK) + 1] = end;
      return;
    }
    const block = this.#room();
    const at = 2 * (this.#count & IN_BLOCK);
    block[at] = start;
    block[at + 1] = end;
    this.#count++;
  }

  #at(index: number): Float64Array {
    return this.#blocks[index >>> BLOCK_BITS] as Float64Array;
  }

  /** Returns the block of the next range. */
  #room(): Float64Array {
    const number = this.#count >>> BLOCK_BITS;
    const block = this.#blocks[number];
    const used = 2 * (this.#count & IN_BLOCK);
    if (block !== undefined && used < block.length) return block;
    const ranges = number > 0 ? BLOCK : Math.min(BLOCK, Math.max(FIRST, used));
    const grown = new Float64Array(2 * ranges);
    if (block !== undefined) grown.set(block);
    this.#blocks[number] = grown;
    return grown;
  }
}
