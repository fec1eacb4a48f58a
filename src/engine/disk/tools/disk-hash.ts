import { createHash } from 'node:crypto';
import type { Progress } from '../../base/progress.ts';
import { PIECE, readInOrder } from '../virtual/read-ahead.ts';
import type { VirtualDisk } from '../virtual/virtual-disk.ts';

/** The document of `disk hash`. */
export interface DiskHash {
  readonly algorithm: 'sha256';
  readonly hash: string;
  readonly virtualSize: number;
}

const ZEROS = Buffer.alloc(PIECE);

/**
 * Returns the SHA-256 of the whole virtual disk, as if it were a raw file. Hashes zero parts
 * without reading them.
 */
export async function hashDisk(
  disk: VirtualDisk,
  progress: Progress,
  signal: AbortSignal,
): Promise<DiskHash> {
  const hash = createHash('sha256');
  progress.phase('hash', disk.size);
  for await (const piece of readInOrder(disk, signal)) {
    if (piece.bytes !== undefined) {
      hash.update(piece.bytes);
      progress.advance(piece.length);
      continue;
    }
    for (let rest = piece.length; rest > 0; rest -= PIECE) {
      signal.throwIfAborted();
      const part = Math.min(rest, PIECE);
      hash.update(part === PIECE ? ZEROS : ZEROS.subarray(0, part));
      progress.advance(part);
      // A terabyte of zeros must not block the event loop: yield every 256 MiB.
      if (rest % (256 * PIECE) < PIECE) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { algorithm: 'sha256', hash: hash.digest('hex'), virtualSize: disk.size };
}
