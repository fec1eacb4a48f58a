/**
 * A set of units of the file (1 MiB each) as bits. Memory grows with the file size: 8 MiB for 64
 * TiB.
 */
export class UnitBits {
  readonly #words: Uint32Array;
  readonly size: number;

  constructor(size: number) {
    this.size = size;
    this.#words = new Uint32Array(Math.ceil(size / 32));
  }

  has(unit: number): boolean {
    return (((this.#words[unit >>> 5] ?? 0) >>> (unit & 31)) & 1) === 1;
  }

  /** Adds a unit; returns whether it was in the set before. Ignores units outside the file. */
  add(unit: number): boolean {
    const word = unit >>> 5;
    const before = this.#words[word];
    if (before === undefined || unit >= this.size) return false;
    const bit = 1 << (unit & 31);
    this.#words[word] = before | bit;
    return (before & bit) !== 0;
  }

  /** Adds units [start, end); returns whether any of them was in the set before. */
  addAll(start: number, end: number): boolean {
    let before = false;
    let unit = start;
    const last = Math.min(end, this.size);
    while (unit < last) {
      if ((unit & 31) !== 0 || unit + 32 > last) {
        before = this.add(unit) || before;
        unit++;
        continue;
      }
      const word = unit >>> 5;
      before ||= this.#words[word] !== 0;
      this.#words[word] = 0xffffffff;
      unit += 32;
    }
    return before;
  }

  /**
   * Returns the first unit from `from` on that is in the set (`member`) or not in it; `size` if
   * there is not one.
   */
  next(from: number, member: boolean): number {
    const flip = member ? 0 : 0xffffffff;
    let unit = from;
    while (unit < this.size) {
      const rest = (((this.#words[unit >>> 5] ?? 0) ^ flip) >>> (unit & 31)) >>> 0;
      if (rest !== 0) return Math.min(this.size, unit + 31 - Math.clz32(rest & -rest));
      unit = ((unit >>> 5) + 1) * 32;
    }
    return this.size;
  }

  count(): number {
    let sum = 0;
    for (const word of this.#words) {
      if (word === 0) continue;
      let bits = word - ((word >>> 1) & 0x55555555);
      bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
      sum += (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
    }
    return sum;
  }
}
