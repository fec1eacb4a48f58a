import { forEachInFlight } from '../../base/in-flight.ts';
import type { Progress } from '../../base/progress.ts';
import { createFilePart } from '../../source/files/file-part.ts';
import type { FileEnvironment } from '../../source/platform/file-environment.ts';
import { PageBuffers } from '../../source/page-buffers.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { isZero } from '../virtual/zero-scan.ts';

const PIECE = 1024 * 1024;
const IN_FLIGHT = 4;

/**
 * Writes all bytes of a source into a new file, which appears only when it is complete. Pieces of
 * zeros stay holes. Throws `source.exists`.
 */
export async function writeCopy(
  source: ByteSource,
  path: string,
  options: { readonly replace: boolean; readonly environment?: FileEnvironment },
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const part = await createFilePart(path, options, signal);
  const buffers = new PageBuffers(PIECE, IN_FLIGHT);
  const { size } = source;
  function* pieces(): Generator<number> {
    for (let at = 0; at < size; at += PIECE) yield at;
  }
  try {
    progress.phase('copy', size);
    const copy = async (at: number): Promise<void> => {
      const buffer = buffers.take();
      try {
        const bytes = buffer.subarray(0, Math.min(PIECE, size - at));
        await source.read(at, bytes, signal);
        if (!isZero(bytes)) await part.write(at, bytes, signal);
        progress.advance(bytes.length);
      } finally {
        buffers.give(buffer);
      }
    };
    await forEachInFlight(pieces(), IN_FLIGHT, copy, signal);
    await part.complete(size, signal);
  } catch (error) {
    await part.abandon();
    throw error;
  }
}
