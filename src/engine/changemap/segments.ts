/**
 * State bits of a segment. `changed` tells when the bytes were written and may be combined with the
 * others, which tell what they are.
 */
export const CHANGED = 1;
export const DATA = 2;
export const ZERO = 4;
const STATES = [CHANGED, DATA, ZERO] as const;

/** The bits above the states hold the segment's writer. */
const WRITER_SHIFT = 3;
const STATE_MASK = 7;

/** Combines state bits with the number of the writing point plus one (0: unknown). */
export const tagOf = (states: number, writer = -1): number =>
  states | ((writer + 1) << WRITER_SHIFT);
export const statesOf = (tag: number): number => tag & STATE_MASK;
export const writerOf = (tag: number): number => (tag >>> WRITER_SHIFT) - 1;

export interface Columns {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Absent if all tags equal `onlyTag`. */
  readonly tags: Uint16Array | undefined;
  readonly onlyTag: number;
}

/**
 * A disk's bytes as sorted, disjoint, non-empty segments with a tag each; bytes outside all
 * segments are the rest. Typed arrays with running sums: the bytes of a state below any offset take
 * one bisection, and ten million segments take some hundred MiB outside the heap. Immutable; built
 * by SegmentsBuilder.
 */
export class Segments {
  readonly count: number;
  /** Size of the disk in bytes. */
  readonly size: number;
  /** Bytes outside the segments have an unknown state. */
  readonly restUnknown: boolean;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Bytes in any segment before segment i; has `count + 1` entries. */
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

  /**
   * Returns the bytes of a state before segment i, `count + 1` entries; undefined if no segment has
   * the state.
   */
  below(state: number): Float64Array | undefined {
    return this.#below[STATES.findIndex((each) => each === state)];
  }

  /** Returns the total bytes of a state. */
  bytesOf(state: number): number {
    return this.below(state)?.[this.count] ?? 0;
  }

  get unknownBytes(): number {
    return this.restUnknown ? this.size - (this.covered[this.count] as number) : 0;
  }

  /**
   * Returns the index of the first segment in [low, high) that ends after `offset`; `high` if there
   * is not one.
   */
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
