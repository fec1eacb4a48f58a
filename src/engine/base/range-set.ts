import { alignOut, range, type Range } from './range.ts';

/**
 * An immutable set of bytes as sorted, merged, half-open ranges. Ranges do not touch, overlap or
 * have zero length, so equal sets have equal lists. Every operation is one pass over its operands.
 */
export class RangeSet implements Iterable<Range> {
  static readonly empty = new RangeSet([]);
  readonly #ranges: readonly Range[];

  private constructor(ranges: readonly Range[]) {
    this.#ranges = ranges;
  }

  /** Creates a set from ranges in any order, overlapping or not; ignores empty ones. */
  static of(ranges: Iterable<Range>): RangeSet {
    // A million ranges in order, as trackers name them, would take half a second otherwise.
    if (Array.isArray(ranges) && isCanonical(ranges)) return new RangeSet(ranges.slice());
    const sorted = Array.from(ranges, (r) => range(r.start, r.end))
      .filter((r) => r.start < r.end)
      .sort((a, b) => a.start - b.start);
    return new RangeSet(mergeSorted(sorted));
  }

  get ranges(): readonly Range[] {
    return this.#ranges;
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** Number of bytes in the set. */
  get bytes(): number {
    let total = 0;
    for (const r of this.#ranges) total += r.end - r.start;
    return total;
  }

  [Symbol.iterator](): Iterator<Range> {
    return this.#ranges[Symbol.iterator]();
  }

  union(other: RangeSet): RangeSet {
    if (other.isEmpty) return this;
    if (this.isEmpty) return other;
    const sorted: Range[] = [];
    let j = 0;
    for (const r of this.#ranges) {
      for (; (other.#ranges[j]?.start ?? Infinity) < r.start; j++) {
        sorted.push(other.#ranges[j] as Range);
      }
      sorted.push(r);
    }
    for (; j < other.#ranges.length; j++) sorted.push(other.#ranges[j] as Range);
    return new RangeSet(mergeSorted(sorted));
  }

  intersect(other: RangeSet): RangeSet {
    const out: Range[] = [];
    let i = 0;
    let j = 0;
    while (i < this.#ranges.length && j < other.#ranges.length) {
      const a = this.#ranges[i] as Range;
      const b = other.#ranges[j] as Range;
      const start = Math.max(a.start, b.start);
      const end = Math.min(a.end, b.end);
      if (start < end) out.push({ start, end });
      if (a.end < b.end) i++;
      else j++;
    }
    return new RangeSet(out);
  }

  subtract(other: RangeSet): RangeSet {
    const out: Range[] = [];
    let j = 0;
    for (const a of this.#ranges) {
      let start = a.start;
      while (j < other.#ranges.length && (other.#ranges[j] as Range).end <= start) j++;
      for (let k = j; k < other.#ranges.length; k++) {
        const b = other.#ranges[k] as Range;
        if (b.start >= a.end) break;
        if (b.start > start) out.push({ start, end: b.start });
        start = Math.max(start, b.end);
      }
      if (start < a.end) out.push({ start, end: a.end });
    }
    return new RangeSet(out);
  }

  /**
   * Returns the part of the set within a range.
   *
   * @param most the number of ranges after which it ends: a part of a long list costs only what it
   *   returns
   */
  clip(within: Range, most = Infinity): RangeSet {
    const out: Range[] = [];
    for (let i = this.#firstEndingAfter(within.start); i < this.#ranges.length; i++) {
      const r = this.#ranges[i] as Range;
      if (r.start >= within.end || out.length >= most) break;
      out.push({ start: Math.max(r.start, within.start), end: Math.min(r.end, within.end) });
    }
    return new RangeSet(out.filter((r) => r.start < r.end));
  }

  /** Returns the set with every range extended to multiples of `unit`. */
  align(unit: number): RangeSet {
    return new RangeSet(mergeSorted(this.#ranges.map((r) => alignOut(r, unit))));
  }

  /** Whether every byte of `r` is in the set. */
  covers(r: Range): boolean {
    if (r.start >= r.end) return true;
    const own = this.#ranges[this.#firstEndingAfter(r.start)];
    return own !== undefined && own.start <= r.start && r.end <= own.end;
  }

  /** Finds the index of the first range that ends after `offset`, by bisection. */
  #firstEndingAfter(offset: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle] as Range).end > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  equals(other: RangeSet): boolean {
    return (
      this.#ranges.length === other.#ranges.length &&
      this.#ranges.every((r, i) => {
        const o = other.#ranges[i] as Range;
        return r.start === o.start && r.end === o.end;
      })
    );
  }
}

/** Whether ranges are valid, in order, neither empty nor touching: the list of a set. */
function isCanonical(ranges: readonly Range[]): boolean {
  let end = -1;
  for (const r of ranges) {
    if (r.start <= end || r.start >= r.end) return false;
    if (!Number.isSafeInteger(r.start) || !Number.isSafeInteger(r.end)) return false;
    end = r.end;
  }
  return true;
}

function mergeSorted(sorted: readonly Range[]): Range[] {
  const out: Range[] = [];
  for (const r of sorted) {
    const last = out.at(-1);
    if (last !== undefined && r.start <= last.end) {
      if (r.end > last.end) out[out.length - 1] = { start: last.start, end: r.end };
    } else {
      out.push(r);
    }
  }
  return out;
}
