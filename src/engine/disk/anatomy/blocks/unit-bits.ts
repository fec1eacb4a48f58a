/** A set of units of the file (one MiB each) as bits; memory follows the file's size, eight MiB for 64 TiB. */
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

  /** Adds a unit; says whether it was there before. Units outside are ignored. */
  add(unit: number): boolean {
    const word = unit >>> 5;
    const before = this.#words[word];
    if (before === undefined || unit >= this.size) return false;
    const bit = 1 << (unit & 31);
    this.#words[word] = before | bit;
    return (before & bit) !== 0;
  }

  /** The first unit at `from` or behind it that is in the set, or is not; `size` where there is none. */
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
