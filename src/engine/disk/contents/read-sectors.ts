import type { EngineError } from '../../base/errors.ts';
import { chainPieces, leniently, type ChainPiece } from '../chain/chain-pieces.ts';
import type { DiskImage } from '../image/image.ts';

/** Layers of a chain, the child first, and the reason if the parent of the last one is missing. */
export interface ReadableLayers {
  readonly layers: readonly DiskImage[];
  readonly ends: EngineError | undefined;
}

/**
 * Reads a part of the virtual disk, however damaged, and returns the origin of each piece of it.
 * Lost pieces become zeros in `into`.
 */
export async function readSectors(
  { layers, ends }: ReadableLayers,
  offset: number,
  into: Uint8Array,
  signal: AbortSignal,
): Promise<readonly ChainPiece[]> {
  const within = { start: offset, end: offset + into.length };
  const pieces: ChainPiece[] = [];
  into.fill(0);
  for await (const piece of chainPieces(layers, within, { read: leniently, ends }, signal)) {
    const last = pieces.at(-1);
    if (piece.kind === 'data') {
      const layer = layers[piece.depth] as DiskImage;
      const part = into.subarray(piece.start - offset, piece.end - offset);
      await layer.readData(piece.start, piece.offset, part, signal);
    }
    if (last !== undefined && goesOn(last, piece)) {
      pieces[pieces.length - 1] = { ...last, end: piece.end };
    } else pieces.push(piece);
  }
  return pieces;
}

function goesOn(last: ChainPiece, next: ChainPiece): boolean {
  if (last.kind === 'lost') return next.kind === 'lost' && last.error === next.error;
  if (next.kind === 'lost') return false;
  if (last.kind !== next.kind || last.depth !== next.depth) return false;
  if (last.kind !== 'data' || next.kind !== 'data') return true;
  return last.offset < 0
    ? next.offset < 0
    : next.offset === last.offset + (next.start - last.start);
}
