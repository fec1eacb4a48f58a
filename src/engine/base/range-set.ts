import { Bounds } from './sets/bounds.ts';
import { alignDown, alignUp, range, type Range } from './range.ts';

/**
 * An immutable set of bytes as sorted, merged, half-open ranges. Ranges do not touch, overlap or
 * have zero length, so equal sets have equal lists. Every operation is one pass over its operands.
 * A range takes 16 bytes.
 */
export class RangeSet implements Iterable<Range> {
  static readonly empty = new RangeSet(new Bounds());
  readonly #bounds: Bounds;
  #bytes: number | undefined;

  private constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /**
   * Creates a set from ranges in any order, overlapping or not; ignores empty ones. Throws
   * `range.invalid`.
   */
  static of(ranges: Iterable<Range>): RangeSet {
    const found = new Bounds();
    const late: Range[] = [];
    let last = 0;
    for (const each of ranges) {
      const { start, end } = range(each.start, each.end);
      if (start === end) continue;
      if (start < last) late.push({ start, end });
      else found.append(start, end);
      last = Math.max(last, start);
    }
    const set = new RangeSet(found);
    if (late.length === 0) return set;
    return set.union(RangeSet.ofSorted(late.sort((a, b) => a.start - b.start)));
  }

  /** Creates a set from ranges that are sorted by their starts, and may overlap or touch. */
  static ofSorted(ranges: Iterable<Range>): RangeSet {
    const out = new Bounds();
    for (const { start, end } of ranges) out.append(start, end);
    return new RangeSet(out);
  }

  /** Creates a set of collected ranges, which must not be changed afterwards. */
  static ofBounds(bounds: Bounds): RangeSet {
    return new RangeSet(bounds);
  }

  /** Number of ranges. */
  get count(): number {
    return this.#bounds.count;
  }

  /** Lists the ranges; each call makes new objects, so iterate over sets that may be large. */
  get ranges(): Range[] {
    return Array.from(this);
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** Number of bytes in the set. */
  get bytes(): number {
    if (this.#bytes === undefined) {
      let total = 0;
      for (let i = 0; i < this.count; i++) total += this.#bounds.end(i) - this.#bounds.start(i);
      this.#bytes = total;
    }
    return this.#bytes;
  }

  *[Symbol.iterator](): Generator<Range, undefined, undefined> {
    for (let i = 0; i < this.count; i++) yield this.#range(i);
  }

  union(other: RangeSet): RangeSet {
    if (other.isEmpty) return this;
    if (this.isEmpty) return other;
    return RangeSet.ofSorted(this.withStarts(other));
  }

  /** Yields the ranges of both sets, by their starts. */
  *withStarts(other: RangeSet): Generator<Range, undefined, undefined> {
    let j = 0;
    for (const own of this) {
      for (; j < other.count && other.#bounds.start(j) < own.start; j++) yield other.#range(j);
      yield own;
    }
    for (; j < other.count; j++) yield other.#range(j);
  }

  intersect(other: RangeSet): RangeSet {
    const out = new Bounds();
    const [a, b] = [this.#bounds, other.#bounds];
    let i = 0;
    let j = 0;
    while (i < a.count && j < b.count) {
      const start = Math.max(a.start(i), b.start(j));
      const end = Math.min(a.end(i), b.end(j));
      if (start < end) out.append(start, end);
      if (a.end(i) < b.end(j)) i++;
      else j++;
    }
    return new RangeSet(out);
  }

  subtract(other: RangeSet): RangeSet {
    const out = new Bounds();
    const without = other.#bounds;
    let j = 0;
    for (const own of this) {
      let { start } = own;
      while (j < without.count && without.end(j) <= start) j++;
      for (let k = j; k < without.count && without.start(k) < own.end; k++) {
        if (without.start(k) > start) out.append(start, without.start(k));
        start = Math.max(start, without.end(k));
      }
      if (start < own.end) out.append(start, own.end);
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
    const out = new Bounds();
    for (let i = this.#firstEndingAfter(within.start); i < this.count; i++) {
      const start = Math.max(this.#bounds.start(i), within.start);
      const end = Math.min(this.#bounds.end(i), within.end);
      if (start >= end || out.count >= most) break;
      out.append(start, end);
    }
    return new RangeSet(out);
  }

  /** Lists up to `most` ranges, from the first on. */
  first(most: number): Range[] {
    return this.clip({ start: 0, end: Infinity }, most).ranges;
  }

  /** Returns the set with every range extended to multiples of `unit`. */
  align(unit: number): RangeSet {
    const out = new Bounds();
    for (const { start, end } of this) out.append(alignDown(start, unit), alignUp(end, unit));
    return new RangeSet(out);
  }

  /** Whether every byte of `r` is in the set. */
  covers(r: Range): boolean {
    if (r.start >= r.end) return true;
    const own = this.#firstEndingAfter(r.start);
    return own < this.count && this.#bounds.start(own) <= r.start && r.end <= this.#bounds.end(own);
  }

  /** Finds the index of the first range that ends after `offset`, by bisection. */
  #firstEndingAfter(offset: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#bounds.end(middle) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  equals(other: RangeSet): boolean {
    const [a, b] = [this.#bounds, other.#bounds];
    if (a.count !== b.count) return false;
    for (let i = 0; i < a.count; i++) {
      if (a.start(i) !== b.start(i) || a.end(i) !== b.end(i)) return false;
    }
    return true;
  }

  #range(index: number): Range {
    return { start: this.#bounds.start(index), end: this.#bounds.end(index) };
  }
}
