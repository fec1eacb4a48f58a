import { mapError } from './map-errors.ts';
import { Segments } from './segments.ts';

/** Maximum number of ranges in a map; equals the tracker's limit. */
export const MAX_SEGMENTS = 10_000_000;

/**
 * Collects segments in any order. Merges adjacent segments with equal tags, and unites overlapping
 * ones.
 */
export class SegmentsBuilder {
  #starts = new Float64Array(1024);
  #ends = new Float64Array(1024);
  #tags = new Uint16Array(1024);
  #count = 0;
  #sorted = true;
  #onlyTag = true;
  /** Whether segments were out of order or overlapped. */
  get wasUntidy(): boolean {
    return !this.#sorted;
  }

  get count(): number {
    return this.#count;
  }

  /** The greatest end so far. */
  get end(): number {
    let end = 0;
    for (let i = 0; i < this.#count; i++) end = Math.max(end, this.#ends[i] as number);
    return end;
  }

  /** Adds a half-open, non-empty segment; the caller has checked that it lies inside the disk. */
  add(start: number, end: number, tag: number): void {
    const last = this.#count - 1;
    if (last >= 0) {
      const lastEnd = this.#ends[last] as number;
      if (start === lastEnd && tag === this.#tags[last]) {
        this.#ends[last] = end;
        return;
      }
      if (start < lastEnd) this.#sorted = false;
      if (tag !== this.#tags[0]) this.#onlyTag = false;
    }
    if (this.#count === this.#starts.length) this.#grow();
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#tags[this.#count] = tag;
    this.#count++;
  }

  build(size: number, restUnknown: boolean): Segments {
    if (!this.#sorted) return this.#tidied().build(size, restUnknown);
    const count = this.#count;
    const tags = this.#onlyTag ? undefined : this.#tags.subarray(0, count);
    const onlyTag = count === 0 ? 0 : (this.#tags[0] as number);
    const columns = {
      starts: this.#starts.subarray(0, count),
      ends: this.#ends.subarray(0, count),
      tags,
      onlyTag,
    };
    return new Segments(columns, size, restUnknown);
  }

  /**
   * Returns the segments sorted and disjoint. If two overlap, the first one keeps the bytes; if
   * their tags are equal they are merged.
   */
  #tidied(): SegmentsBuilder {
    const order = new Uint32Array(this.#count);
    for (let i = 0; i < order.length; i++) order[i] = i;
    order.sort((a, b) => (this.#starts[a] as number) - (this.#starts[b] as number));
    const out = new SegmentsBuilder();
    let end = 0;
    for (const i of order) {
      const start = Math.max(this.#starts[i] as number, end);
      const own = this.#ends[i] as number;
      if (start >= own) continue;
      out.add(start, own, this.#tags[i] as number);
      end = own;
    }
    return out;
  }

  #grow(): void {
    const room = this.#starts.length;
    if (room >= MAX_SEGMENTS) {
      throw mapError('map.tooMany', `The map has more than ${MAX_SEGMENTS} ranges, the maximum`, {
        data: { expected: MAX_SEGMENTS },
      });
    }
    const more = Math.min(room * 2, MAX_SEGMENTS);
    const grown = [new Float64Array(more), new Float64Array(more), new Uint16Array(more)] as const;
    grown[0].set(this.#starts);
    grown[1].set(this.#ends);
    grown[2].set(this.#tags);
    [this.#starts, this.#ends, this.#tags] = grown;
  }
}
