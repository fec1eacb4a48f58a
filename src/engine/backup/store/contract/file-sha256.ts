import { createHash } from 'node:crypto';
import { isEngineError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import type { Store } from './store.ts';

const PIECE = 2 ** 20;

/**
 * Returns the SHA-256 of a file, streamed, since the hash file of a large disk is large. undefined
 * if the file is missing or has another size.
 */
export async function fileSha256(
  store: Store,
  path: string,
  size: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  let file: ByteSource;
  try {
    file = await store.openFile(path, signal);
  } catch (error) {
    if (isEngineError(error, 'store.missing', 'source.notFile')) return undefined;
    throw error;
  }
  try {
    if (file.size !== size) return undefined;
    const hash = createHash('sha256');
    const buffer = Buffer.alloc(Math.min(PIECE, size));
    for (let at = 0; at < size; at += buffer.length) {
      const part = buffer.subarray(0, Math.min(buffer.length, size - at));
      await file.read(at, part, signal);
      hash.update(part);
    }
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}
