import type { EngineError } from '../../base/errors.ts';
import type { Range } from '../../base/range.ts';
import type { LayerExtent, LostExtent, VhdxImage } from '../vhdx/read/vhdx-image.ts';

/** Part of the disk that is resolved at once, at first. */
const FIRST_WINDOW = 4 * 2 ** 30;
const MAX_WINDOW = 2 ** 40;
const MIN_WINDOW = 64 * 2 ** 20;
/** A window that gave fewer pieces is doubled. */
const FEW = 4096;
/** A window ends where a layer has given more. */
const MANY = 65_536;

/** What a chain says of a part of the disk; depth 0 is the image itself. */
export type ChainPiece = Range &
  (
    | { readonly kind: 'data'; readonly depth: number; readonly offset: number }
    /** Zeros because a layer says so; a hole is unallocated in every layer, or lies behind a parent's end. */
    | { readonly kind: 'zero' | 'hole'; readonly depth: number }
    | { readonly kind: 'lost'; readonly error: EngineError }
  );

/** Reads what one layer says of ranges, ordered and apart. */
type LayerReader = (
  layer: VhdxImage,
  ranges: readonly Range[],
  signal: AbortSignal,
) => AsyncIterable<readonly (LayerExtent | LostExtent)[]>;

/** Fails at the first thing that is wrong. */
export const strictly: LayerReader = (layer, ranges, signal) => layer.extentsIn(ranges, signal);
/** Reports what is wrong as lost pieces. */
export const leniently: LayerReader = (layer, ranges, signal) => layer.surveyedIn(ranges, signal);

export interface PiecesOptions {
  readonly read: LayerReader;
  /** Why the parent of the last layer cannot be read, if it has one: what would come from it is lost. */
  readonly ends?: EngineError | undefined;
}

/** Pieces of a chain, child first, that cover `within` in order and without gaps; neighbours may be alike. */
export async function* chainPieces(
  layers: readonly VhdxImage[],
  within: Range,
  options: PiecesOptions,
  signal: AbortSignal,
): AsyncGenerator<ChainPiece> {
  for await (const pieces of chainWindows(layers, within, options, signal)) yield* pieces;
}

/**
 * The same, the pieces of one window at once.
 *
 * Window by window, layer by layer: each layer is asked once per window for what its children left open, so its tables are read
 * in order. (Descending at each hole instead reads the tables of every parent again for each of them: bench/deep-chain.bench.ts.)
 * A window in which a layer is too fragmented ends where that layer has got to. Memory: the pieces of one window.
 */
export async function* chainWindows(
  layers: readonly VhdxImage[],
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
  /** Where the pieces end: before the end of the window if there were too many. */
  readonly end: number;
  readonly pieces: readonly ChainPiece[];
}

async function resolveWindow(
  layers: readonly VhdxImage[],
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
  let open: Range[] = [window];
  for (const [depth, layer] of layers.entries()) {
    const inside: Range[] = [];
    for (const range of open) {
      const { start, end } = range;
      if (end <= layer.size) inside.push(range);
      else if (start < layer.size) inside.push({ start, end: layer.size });
      // Behind a parent's end there are zeros, whatever lies below it.
      if (end > layer.size) out.push(hole(Math.max(start, layer.size), end));
    }
    open = [];
    if (inside.length === 0) break;
    const known = out.length;
    for await (const batch of read(layer, inside, signal)) {
      for (const extent of batch) {
        if (extent.kind === 'transparent') addRange(open, extent);
        else out.push(toPiece(extent, depth));
      }
      const got = batch.at(-1)?.end ?? stop;
      if (out.length - known + open.length <= MANY || got >= stop) continue;
      // What the children gave behind this place is found again in the next window. No piece of theirs lies across it.
      stop = got;
      out = out.filter((piece) => piece.start < got);
      break;
    }
  }
  for (const { start, end } of open) {
    out.push(ends === undefined ? hole(start, end) : { start, end, kind: 'lost', error: ends });
  }
  return { end: stop, pieces: out.sort((a, b) => a.start - b.start) };
}

function addRange(list: Range[], range: Range): void {
  const last = list.at(-1);
  if (last?.end === range.start) list[list.length - 1] = { start: last.start, end: range.end };
  else list.push(range);
}

function toPiece(extent: LayerExtent | LostExtent, depth: number): ChainPiece {
  const { start, end, kind } = extent;
  if (kind === 'lost') return { start, end, kind, error: extent.error };
  return kind === 'data'
    ? { start, end, kind, depth, offset: extent.offset }
    : { start, end, kind: 'zero', depth };
}
