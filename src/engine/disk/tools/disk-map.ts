import type { EngineError } from '../../base/errors.ts';
import type { Range } from '../../base/range.ts';
import { chainWindows, leniently, type ChainPiece } from '../chain/chain-pieces.ts';
import type { SurveyedDisk } from '../survey/survey-disk.ts';

/** An entry of `disk map`, in the form of `qemu-img map --output=json`. */
export interface MapEntry {
  readonly start: number;
  readonly length: number;
  /** 0 the image itself, 1 its parent … */
  readonly depth: number;
  /** Some layer defines this part; false if it is allocated in no layer. */
  readonly present: boolean;
  readonly zero: boolean;
  readonly data: boolean;
  /** Offset of the data in `filename`. */
  readonly offset?: number;
  readonly filename?: string;
}

/** A part of the disk that cannot be read. */
export interface LostEntry {
  readonly start: number;
  readonly length: number;
  readonly lost: true;
  /** Code of the error that reading it throws. */
  readonly code: string;
  readonly depth?: never;
  readonly present?: never;
  readonly zero?: never;
  readonly data?: never;
  readonly offset?: never;
  readonly filename?: never;
}

/** A piece of the map before adjacent pieces are merged. */
type Piece = (MapEntry & Range) | LostPiece;
type LostPiece = LostEntry & Range & { readonly error: EngineError };

/**
 * Yields the state of each part of the disk: ordered, gapless, covering the disk, with adjacent
 * equal entries merged. Streams.
 * @param onLost receives the error behind each lost entry
 */
export async function* mapDisk(
  surveyed: SurveyedDisk,
  signal: AbortSignal,
  onLost?: (error: EngineError, entry: LostEntry) => void,
): AsyncGenerator<MapEntry | LostEntry> {
  for await (const entries of mapBatches(surveyed, signal, onLost)) yield* entries;
}

/** Yields the same entries, many at once: waiting for each costs more than finding it. */
export async function* mapBatches(
  surveyed: SurveyedDisk,
  signal: AbortSignal,
  onLost: (error: EngineError, entry: LostEntry) => void = () => undefined,
): AsyncGenerator<readonly (MapEntry | LostEntry)[]> {
  const { top, layers, ends, chain } = surveyed;
  const whole = { start: 0, end: top.size ?? 0 };
  let open: Piece | undefined;
  for await (const window of chainWindows(layers, whole, { read: leniently, ends }, signal)) {
    const entries: (MapEntry | LostEntry)[] = [];
    for (const found of window) {
      const piece = toPiece(found, chain);
      if (open !== undefined && goesOn(open, piece)) {
        open = { ...open, length: open.length + piece.length, end: piece.end };
        continue;
      }
      if (open !== undefined) entries.push(toEntry(open, onLost));
      open = piece;
    }
    yield entries;
  }
  if (open !== undefined) yield [toEntry(open, onLost)];
}

function toPiece(piece: ChainPiece, chain: readonly string[]): Piece {
  if (piece.kind === 'lost') return lostPiece(piece, piece.error);
  if (piece.kind !== 'data') return emptyPiece(piece, piece.depth, piece.kind === 'zero');
  return dataPiece(piece, piece.depth, piece.offset, chain[piece.depth]);
}

function dataPiece({ start, end }: Range, depth: number, offset: number, file = ''): Piece {
  // Compressed data have no place of their own.
  const where = offset < 0 ? {} : { offset, filename: file };
  return {
    start,
    end,
    length: end - start,
    depth,
    present: true,
    zero: false,
    data: true,
    ...where,
  };
}

const emptyPiece = ({ start, end }: Range, depth: number, present: boolean): Piece => ({
  start,
  end,
  length: end - start,
  depth,
  present,
  zero: true,
  data: false,
});

const lostPiece = ({ start, end }: Range, error: EngineError): Piece => ({
  start,
  end,
  length: end - start,
  lost: true,
  code: error.code,
  error,
});

function goesOn(open: Piece, next: Piece): boolean {
  if ('lost' in open || 'lost' in next) {
    return 'lost' in open && 'lost' in next && open.code === next.code;
  }
  if (open.depth !== next.depth || open.present !== next.present || open.data !== next.data) {
    return false;
  }
  if (open.offset === undefined) return next.offset === undefined;
  return open.offset + open.length === next.offset;
}

function toEntry(
  piece: Piece,
  onLost: (error: EngineError, entry: LostEntry) => void,
): MapEntry | LostEntry {
  if ('lost' in piece) {
    const { start, length, lost, code, error } = piece;
    onLost(error, { start, length, lost, code });
    return { start, length, lost, code };
  }
  const { start, length, depth, present, zero, data, offset, filename } = piece;
  const entry = { start, length, depth, present, zero, data };
  return offset === undefined || filename === undefined ? entry : { ...entry, offset, filename };
}
