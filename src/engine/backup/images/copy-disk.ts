import { forEachInFlight } from '../../base/in-flight.ts';
import type { Progress } from '../../base/progress.ts';
import { bulkCopy } from '../../disk/bulk/bulk-copy.ts';
import type { BorrowedImage } from '../../disk/image/image-writer.ts';
import type { VhdxWriter } from '../../disk/vhdx/write/vhdx-writer.ts';
import { PageArena } from '../../source/page-arena.ts';
import { bulkHashes } from '../hashes/bulk-hashes.ts';
import { cellWork } from '../hashes/cell-work.ts';
import type { HashTreeWriter } from '../hashes/hash-tree-writer.ts';
import { copyPiece, type CopyBase } from './copy-piece.ts';
import { copyPieces, type CopyPiece } from './copy-pieces.ts';
import { bulkPieces, copiesPieces } from './bulk-pieces.ts';
import { CopyWindow, LARGEST } from './copy-window.ts';
import type { CopyResult, CopySource } from './copy-source.ts';
import { locatedPieces, type LocatedPiece } from './located-pieces.ts';
import { completeBlocks } from './whole-blocks.ts';

type Pieces = Iterable<CopyPiece> | AsyncIterable<CopyPiece>;

/** Buffers: from one hash unit up to the largest window, in ten sizes. */
const BUFFER_UNIT = 64 * 1024;
const BUFFER_SIZES = Math.log2(LARGEST.bytes / BUFFER_UNIT) + 1;
/** Number of copied pieces after which finished pages of the hash tree are freed. */
const SEAL_EVERY = 4096;

/**
 * Copies ranges of a disk into a new image and its hash tree, piece by piece, with as many in
 * flight as a slow source needs. Reads each byte once. Skips zeros; an increment records them as
 * zeros, so that they hide the parent's data.
 */
export async function copyDisk(
  source: CopySource,
  writer: VhdxWriter,
  hashes: HashTreeWriter,
  base: CopyBase | null,
  progress: Progress,
  signal: AbortSignal,
  window = new CopyWindow(),
): Promise<CopyResult> {
  const bulk = base === null ? await bulkFull(source, writer, hashes, progress, signal) : undefined;
  if (bulk !== undefined) return bulk;
  const target = { source, writer, hashes, base, window };
  const arena = new PageArena(BUFFER_UNIT, BUFFER_SIZES);
  const { unit } = hashes.shape.format;
  const running = new Set<number>();
  let readBytes = 0;
  let storedBytes = 0;
  let done = 0;
  const one = async (work: LocatedPiece): Promise<void> => {
    const { start, end, parts } = work.piece;
    const length = end - start;
    running.add(start);
    const buffer = arena.take(length);
    try {
      const stored = await copyPiece(work, buffer, target, signal);
      storedBytes += stored;
    } finally {
      arena.give(buffer);
      window.leave(arena.sizeFor(length));
      running.delete(start);
    }
    const read = parts.reduce((sum, part) => sum + part.end - part.start, 0);
    readBytes += read;
    progress.advance(read);
    // Pieces come in order, so everything below the lowest one in progress is done.
    if (++done % SEAL_EVERY === 0) {
      await hashes.sealBelow(Math.min(start, ...running) / unit, signal);
    }
  };
  const admitted = async function* (pieces: Pieces): AsyncGenerator<LocatedPiece> {
    for await (const work of locatedPieces(pieces, source, window, signal)) {
      await window.enter(arena.sizeFor(work.piece.end - work.piece.start));
      yield work;
    }
  };
  const others = (some: Pieces): Promise<void> =>
    forEachInFlight(admitted(some), LARGEST.requests, one, signal);
  const pieces = piecesOf(source, base === null ? null : writer, unit);
  const { disk } = source;
  if (base !== null && copiesPieces(disk, hashes)) {
    const copied = await bulkPieces({ disk, writer, hashes, pieces, others }, progress, signal);
    readBytes += copied.readBytes;
    storedBytes += copied.storedBytes;
  } else await others(pieces);
  return { readBytes, storedBytes };
}

/** Yields what is to be copied, in order. @param writer of an increment, whose blocks it completes */
async function* piecesOf(
  source: CopySource,
  writer: VhdxWriter | null,
  unit: number,
): AsyncGenerator<CopyPiece> {
  const changed = cellWork(source.ranges, source.size, source.sector);
  for await (const work of completeBlocks(changed, writer?.metadata ?? null)) {
    yield* copyPieces(work, source.size, unit);
  }
}

/** Copies a whole disk by the native library; undefined if it cannot be used. */
async function bulkFull(
  { whole }: CopySource,
  writer: VhdxWriter,
  hashes: HashTreeWriter,
  progress: Progress,
  signal: AbortSignal,
): Promise<CopyResult | undefined> {
  if (whole === undefined) return undefined;
  const borrow = (): BorrowedImage | undefined => writer.borrow();
  const advance = (bytes: number): void => progress.advance(bytes);
  return bulkCopy({ disk: whole, borrow, ...bulkHashes(hashes, signal), advance }, signal);
}
