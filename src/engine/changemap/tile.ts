import { CELL_CHANNELS, TILE_CELLS } from '../api/change-map.ts';
import { CHANGED, DATA, ZERO, type Segments } from './segments.ts';

/** Channels of a cell in order: changed, data, zero, unknown. */
export type Cell = readonly [number, number, number, number];

/** A tile's bytes, or the one value of all its cells. */
export type TileCells = { readonly cells: Uint8Array } | { readonly fill: Cell };

const STATES = [CHANGED, DATA, ZERO] as const;
const UNKNOWN = 3;

/**
 * Computes the coverage of TILE_CELLS cells of 2^level bytes. A channel is 0 only if it contains no
 * byte of the cell, and 255 only if it contains all of them, so that a single changed sector of a
 * 64 TiB disk is visible. A cell that crosses the disk's end counts only the bytes before it;
 * beyond the end all channels are 0.
 */
export function tileCells(segments: Segments, level: number, index: number): TileCells {
  const cell = 2 ** level;
  const start = index * TILE_CELLS * cell;
  const whole = start + TILE_CELLS * cell;
  const end = Math.min(whole, segments.size);
  if (start >= end) return { fill: [0, 0, 0, 0] };
  const first = segments.firstEndingAfter(start);
  const uniform = sameThroughout(segments, start, end, first);
  // A tile that crosses the disk's end is never uniform: its last cells lie beyond the disk.
  if (uniform !== undefined && end === whole) return { fill: uniform };
  const last = segments.firstEndingAfter(end - 1, first);
  const walker = new Walker(segments, first, Math.min(last + 1, segments.count));
  return { cells: fillCells(segments, walker, start, end, cell) };
}

function fillCells(
  segments: Segments,
  walker: Walker,
  start: number,
  end: number,
  cell: number,
): Uint8Array {
  const cells = new Uint8Array(TILE_CELLS * CELL_CHANNELS);
  const before = new Float64Array(CELL_CHANNELS);
  const after = new Float64Array(CELL_CHANNELS);
  walker.sumsBelow(start, before);
  for (let from = start, at = 0; from < end; from += cell, at += CELL_CHANNELS) {
    const to = Math.min(from + cell, end);
    walker.sumsBelow(to, after);
    for (let c = 0; c < UNKNOWN; c++) {
      cells[at + c] = share((after[c] as number) - (before[c] as number), to - from);
    }
    if (segments.restUnknown) {
      const known = (after[UNKNOWN] as number) - (before[UNKNOWN] as number);
      cells[at + UNKNOWN] = share(to - from - known, to - from);
    }
    before.set(after);
  }
  return cells;
}

/** Returns 0 for no bytes, 255 for all, a value between otherwise. */
function share(bytes: number, size: number): number {
  if (bytes === 0) return 0;
  if (bytes === size) return 255;
  return Math.max(1, Math.min(254, Math.round((bytes / size) * 255)));
}

function sameThroughout(
  segments: Segments,
  start: number,
  end: number,
  first: number,
): Cell | undefined {
  if (first === segments.count || (segments.starts[first] as number) >= end) {
    return [0, 0, 0, segments.restUnknown ? 255 : 0];
  }
  if ((segments.starts[first] as number) > start || (segments.ends[first] as number) < end) {
    return undefined;
  }
  const tag = segments.tag(first);
  const of = (state: number): number => ((tag & state) === 0 ? 0 : 255);
  return [of(CHANGED), of(DATA), of(ZERO), 0];
}

/**
 * Reads running sums at ascending offsets. Searches the next segment near the last one in doubling
 * steps: few segments per cell make this a walk, many a bisection, whichever is cheaper.
 */
class Walker {
  readonly #segments: Segments;
  readonly #sums: readonly (Float64Array | undefined)[];
  readonly #end: number;
  #at: number;

  /** Starts at segment `first`; the caller requests no sum beyond segment `end`. */
  constructor(segments: Segments, first: number, end: number) {
    this.#segments = segments;
    this.#sums = STATES.map((state) => segments.below(state));
    this.#at = first;
    this.#end = end;
  }

  /** Computes the bytes of each state, and of any segment, below `offset`. */
  sumsBelow(offset: number, into: Float64Array): void {
    const segments = this.#segments;
    this.#advance(offset);
    const i = this.#at;
    const inside = i < segments.count ? Math.max(0, offset - (segments.starts[i] as number)) : 0;
    const tag = inside > 0 ? segments.tag(i) : 0;
    for (let c = 0; c < UNKNOWN; c++) {
      const part = (tag & (STATES[c] as number)) === 0 ? 0 : inside;
      into[c] = (this.#sums[c]?.[i] ?? 0) + part;
    }
    into[UNKNOWN] = (segments.covered[i] as number) + inside;
  }

  /** Advances to the first segment that ends after `offset`. */
  #advance(offset: number): void {
    const { ends } = this.#segments;
    let low = this.#at;
    let step = 1;
    while (low + step <= this.#end && (ends[low + step - 1] as number) <= offset) {
      low += step;
      step *= 2;
    }
    this.#at = this.#segments.firstEndingAfter(offset, low, Math.min(low + step, this.#end));
  }
}
