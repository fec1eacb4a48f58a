import type { EngineError } from '../../base/errors.ts';
import type { Range } from '../../base/range.ts';
import type { DiskImage, LayerExtent, LostExtent } from '../image/image.ts';
import { OpenRanges } from './open-ranges.ts';

/** Initial size of the part of the disk that is resolved at once, in bytes. */
const FIRST_WINDOW = 4 * 2 ** 30;
const MAX_WINDOW = 2 ** 40;
const MIN_WINDOW = 64 * 2 ** 20;
/** A window with fewer pieces than this doubles the next one. */
const FEW = 16_384;
/** A window ends when a layer has returned more pieces than this. */
const MANY = 65_536;

/** The state of a part of the disk in a chain; depth 0 is the image itself. */
export type ChainPiece = Range &
  /** `offset`: in the file of the layer; -1 if it does not hold the data byte by byte. */
  (
    | { readonly kind: 'data'; readonly depth: number; readonly offset: number }
    /**
     * `zero`: a layer marks it as zeros. `hole`: unallocated in every layer, or behind a parent's
     * end.
     */
    | { readonly kind: 'zero' | 'hole'; readonly depth: number }
    | { readonly kind: 'lost'; readonly error: EngineError }
  );

/**
 * Reads one layer's extents of ranges that are ordered and disjoint. Parts without an extent are
 * transparent.
 */
type LayerReader = (
  layer: DiskImage,
  ranges: readonly Range[],
  signal: AbortSignal,
) => AsyncIterable<readonly (LayerExtent | LostExtent)[]>;

/** Throws at the first defect. */
export const strictly: LayerReader = (layer, ranges, signal) =>
  layer.extentsIn(ranges, signal, true);
/** Reports defects as lost pieces. */
export const leniently: LayerReader = (layer, ranges, signal) =>
  layer.surveyedIn(ranges, signal, true);

export interface PiecesOptions {
  readonly read: LayerReader;
  /**
   * Reason why the parent of the last layer cannot be read, if it has one: everything from that
   * parent is lost.
   */
  readonly ends?: EngineError | undefined;
}

/**
 * Yields the pieces of a chain, child first, that cover `within` in order and without gaps;
 * neighbours may be equal.
 */
export async function* chainPieces(
  layers: readonly DiskImage[],
  within: Range,
  options: PiecesOptions,
  signal: AbortSignal,
): AsyncGenerator<ChainPiece> {
  for await (const pieces of chainWindows(layers, within, options, signal)) yield* pieces;
}

/**
 * Yields the same pieces, all of one window at once.
 *
 * Works window by window, layer by layer: each layer is queried once per window for the ranges that
 * its children left open, so its tables are read in order. (Descending at each hole instead rereads
 * the tables of every parent for each hole: bench/deep-chain.bench.ts.) If a layer is too
 * fragmented, the window ends at the last offset that the layer reached. Memory: the pieces of one
 * window.
 */
export async function* chainWindows(
  layers: readonly DiskImage[],
  within: Range,
  options: PiecesOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly ChainPiece[]> {
  let length = FIRST_WINDOW;
  for (let start = within.start; start < within.end;) {
    const window = { start, end: Math.min(start + length, within.end) };
    const { end, pieces } = await resolveWindow(layers, window, options, signal);
    yield pieces;
    if (end < window.end) length = Math.max(end - start, MIN_WINDOW);
    else if (pieces.length < FEW) length = Math.min(length * 2, MAX_WINDOW);
    start = end;
  }
}

interface ResolvedWindow {
  /** End of the pieces; before the end of the window if there were too many. */
  readonly end: number;
  readonly pieces: readonly ChainPiece[];
}

async function resolveWindow(
  layers: readonly DiskImage[],
  window: Range,
  { read, ends }: PiecesOptions,
  signal: AbortSignal,
): Promise<ResolvedWindow> {
  let out: ChainPiece[] = [];
  const deepest = layers.length - 1;
  const hole = (start: number, end: number): ChainPiece => ({
    start,
    end,
    kind: 'hole',
    depth: deepest,
  });
  let { end: stop } = window;
  let open: readonly Range[] = [window];
  for (const [depth, layer] of layers.entries()) {
    const inside = insideOf(layer.size, open, (start, end) => out.push(hole(start, end)));
    open = [];
    if (inside.length === 0) break;
    const known = out.length;
    const left = new OpenRanges(inside);
    for await (const batch of read(layer, inside, signal)) {
      for (const extent of batch) {
        if (extent.kind === 'transparent') continue;
        left.take(extent);
        out.push(toPiece(extent, depth));
      }
      const got = left.taken;
      if (out.length - known + left.open.length <= MANY || got >= stop || out.length === known) {
        continue;
      }
      // The next window finds the children's pieces behind this offset again: no piece
      // crosses it.
      stop = got;
      out = out.filter((piece) => piece.start < got);
      break;
    }
    open = stop === left.taken ? left.open : left.rest();
  }
  for (const { start, end } of open) {
    out.push(ends === undefined ? hole(start, end) : { start, end, kind: 'lost', error: ends });
  }
  return { end: stop, pieces: out.sort((a, b) => a.start - b.start) };
}

/**
 * Returns the parts of ranges in front of a layer's end; passes on what lies behind it. There the
 * disk reads as zeros, whatever the layers below hold.
 */
function insideOf(
  size: number,
  ranges: readonly Range[],
  behind: (start: number, end: number) => void,
): readonly Range[] {
  // Usual, and there may be tens of thousands for each layer.
  if ((ranges.at(-1)?.end ?? 0) <= size) return ranges;
  const inside: Range[] = [];
  for (const range of ranges) {
    const { start, end } = range;
    if (end <= size) inside.push(range);
    else if (start < size) inside.push({ start, end: size });
    if (end > size) behind(Math.max(start, size), end);
  }
  return inside;
}

function toPiece(extent: LayerExtent | LostExtent, depth: number): ChainPiece {
  const { start, end, kind } = extent;
  if (kind === 'lost') return { start, end, kind, error: extent.error };
  return kind === 'data'
    ? { start, end, kind, depth, offset: extent.offset }
    : { start, end, kind: 'zero', depth };
}
