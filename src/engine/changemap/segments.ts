/** What is known of a segment's bytes. Bits, since `changed` says when and the others say what. */
export const CHANGED = 1;
export const DATA = 2;
export const ZERO = 4;
const STATES = [CHANGED, DATA, ZERO] as const;

/** A segment's writer is kept in the bits above the states. */
const WRITER_SHIFT = 3;
const STATE_MASK = 7;

/** State bits, and the number of the point that wrote it plus one (0: unknown). */
export const tagOf = (states: number, writer = -1): number =>
  states | ((writer + 1) << WRITER_SHIFT);
export const statesOf = (tag: number): number => tag & STATE_MASK;
export const writerOf = (tag: number): number => (tag >>> WRITER_SHIFT) - 1;

export interface Columns {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Absent where all are `onlyTag`. */
  readonly tags: Uint16Array | undefined;
  readonly onlyTag: number;
}

/**
 * A disk's bytes as sorted, disjoint, non-empty segments with a tag each; what lies in none is the rest. Typed arrays with
 * running sums, so that the bytes of a state below any offset are one bisection away and ten million segments are some
 * hundred MiB outside the heap. Immutable; made by SegmentsBuilder.
 */
export class Segments {
  readonly count: number;
  /** Of the disk. */
  readonly size: number;
  /** Nothing is known of bytes outside the segments. */
  readonly restUnknown: boolean;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Bytes in any segment before segment i; `count + 1` long. */
  readonly covered: Float64Array;
  readonly #columns: Columns;
  readonly #below: readonly (Float64Array | undefined)[];

  constructor(columns: Columns, size: number, restUnknown: boolean) {
    this.#columns = columns;
    this.starts = columns.starts;
    this.ends = columns.ends;
    this.count = columns.starts.length;
    this.size = size;
    this.restUnknown = restUnknown;
    this.covered = runningSum(columns, 0);
    let seen = columns.tags === undefined ? columns.onlyTag : 0;
    for (const tag of columns.tags ?? []) seen |= tag;
    this.#below = STATES.map((state) => {
      if ((seen & state) === 0) return undefined;
      return columns.tags === undefined ? this.covered : runningSum(columns, state);
    });
  }

  tag(i: number): number {
    const { tags, onlyTag } = this.#columns;
    return tags === undefined ? onlyTag : (tags[i] as number);
  }

  /** Bytes of a state before segment i, `count + 1` long; undefined where no segment has it. */
  below(state: number): Float64Array | undefined {
    return this.#below[STATES.findIndex((each) => each === state)];
  }

  /** Bytes of a state in all. */
  bytesOf(state: number): number {
    return this.below(state)?.[this.count] ?? 0;
  }

  get unknownBytes(): number {
    return this.restUnknown ? this.size - (this.covered[this.count] as number) : 0;
  }

  /** Index of the first segment in [low, high) that ends after `offset`; `high` where none does. */
  firstEndingAfter(offset: number, from = 0, until = this.count): number {
    const { ends } = this;
    let low = from;
    let high = until;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends[middle] as number) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** State 0 counts every segment. */
function runningSum({ starts, ends, tags }: Columns, state: number): Float64Array {
  const sums = new Float64Array(starts.length + 1);
  let total = 0;
  for (let i = 0; i < starts.length; i++) {
    const counts = state === 0 || tags === undefined || ((tags[i] as number) & state) !== 0;
    if (counts) total += (ends[i] as number) - (starts[i] as number);
    sums[i + 1] = total;
  }
  return sums;
}
