import type { Progress } from '../../base/progress.ts';
import { createFilePart } from '../../source/files/file-part.ts';
import type { GuestBytes } from '../bytes/guest-bytes.ts';
import { guestError } from '../bytes/guest-errors.ts';

const PIECE = 2 ** 20;
/** Size of the largest virtual disk, in bytes: a larger file can only be holes, or damage. */
const MAX_BYTES = 64 * 2 ** 40;

/**
 * Copies the contents of a file into a new file, which appears when it is complete. Holes are not
 * written. Throws `source.exists` if the file exists, `guest.limit` for more than 64 TiB.
 */
export async function copyContents(
  bytes: GuestBytes,
  path: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (bytes.size > MAX_BYTES) {
    throw guestError(
      'guest.limit',
      `${bytes.name} has ${bytes.size} bytes: expected ${MAX_BYTES}`,
      {
        data: { found: bytes.size, expected: MAX_BYTES },
      },
    );
  }
  const part = await createFilePart(path, { durability: 'whole' }, signal);
  try {
    const next = bytes.holes?.();
    for (let at = 0; at < bytes.size;) {
      signal.throwIfAborted();
      const data = next === undefined ? { start: at, end: bytes.size } : next(at);
      if (data === undefined) break;
      const end = Math.min(data.end, data.start + PIECE);
      const piece = new Uint8Array(end - data.start);
      await bytes.read(data.start, piece, signal);
      await part.write(data.start, piece, signal);
      progress.advance(piece.length);
      at = end;
    }
    await part.complete(bytes.size, signal);
  } catch (error) {
    await part.abandon();
    throw error;
  }
}
