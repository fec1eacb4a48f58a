import { PageBuffers } from '../../source/page-buffers.ts';
import type { Extent, VirtualDisk } from './virtual-disk.ts';

/** Bytes per read. */
export const PIECE = 2 ** 20;
/** Number of pieces that are read ahead of the one in use. */
const AHEAD = 4;

/** A part of the disk in order: its bytes, or `undefined` if it reads as zeros. */
export interface DiskPiece {
  readonly start: number;
  readonly length: number;
  /** Valid until the next piece is requested. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * Reads the whole disk in order, in pieces of at most 1 MiB of data and of any length of zeros,
 * with several reads in flight and reused buffers.
 */
export async function* readInOrder(
  disk: VirtualDisk,
  signal: AbortSignal,
): AsyncGenerator<DiskPiece> {
  const buffers = new PageBuffers(PIECE, AHEAD + 1);
  const queue: { start: number; length: number; bytes: Promise<Buffer> | undefined }[] = [];
  try {
    for await (const extent of disk.extents({ start: 0, end: disk.size }, signal)) {
      for (const part of pieces(extent)) {
        const bytes = part.data
          ? read(disk, part.start, part.length, buffers.take(), signal)
          : undefined;
        // The consumer of the piece receives the failure; until then it must not count as an
        // unhandled rejection.
        bytes?.catch(() => undefined);
        queue.push({ start: part.start, length: part.length, bytes });
        if (queue.length > AHEAD) yield* next();
      }
    }
    while (queue.length > 0) yield* next();
  } finally {
    await Promise.allSettled(queue.flatMap((piece) => piece.bytes ?? []));
  }

  async function* next(): AsyncGenerator<DiskPiece> {
    const piece = queue.shift();
    if (piece === undefined) return;
    const buffer = await piece.bytes;
    yield { start: piece.start, length: piece.length, bytes: buffer?.subarray(0, piece.length) };
    if (buffer !== undefined) buffers.give(buffer);
  }
}

async function read(
  disk: VirtualDisk,
  start: number,
  length: number,
  buffer: Buffer,
  signal: AbortSignal,
): Promise<Buffer> {
  await disk.read(start, buffer.subarray(0, length), signal);
  return buffer;
}

function* pieces(extent: Extent): Generator<{ start: number; length: number; data: boolean }> {
  const { start, length, kind } = extent;
  if (kind !== 'data') {
    yield { start, length, data: false };
    return;
  }
  for (let at = start; at < start + length;) {
    const size = Math.min(PIECE - (at % PIECE), start + length - at);
    yield { start: at, length: size, data: true };
    at += size;
  }
}
