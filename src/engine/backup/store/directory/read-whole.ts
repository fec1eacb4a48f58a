import { retryBusy, type FileEnvironment } from '../../../source/platform/file-environment.ts';
import { FileSource } from '../../../source/files/file-source.ts';
import { storeError } from '../contract/store-errors.ts';
import { MARKER_LIMIT } from './store-marker.ts';

/**
 * Time limit for an empty marker: without hard links it is empty for a moment while it is created.
 */
const MARKER_PATIENCE_MS = 5000;

/** Returns the bytes of a store's marker. Throws `source.notFound` if it is missing. */
export async function readMarker(
  path: string,
  environment: FileEnvironment,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const end = environment.now() + MARKER_PATIENCE_MS;
  for (;;) {
    const bytes = await readWhole(path, MARKER_LIMIT, environment, signal);
    if (bytes.length > 0 || environment.now() > end) return bytes;
    await environment.wait(50, signal);
  }
}

/**
 * Reads a whole small file; `local`: see {@link FileSource.open}. Throws `store.tooLarge`,
 * `source.*`.
 */
export async function readWhole(
  path: string,
  limit: number,
  environment: FileEnvironment,
  signal: AbortSignal,
  local = false,
): Promise<Uint8Array> {
  const source = await retryBusy(
    () => FileSource.open(path, signal, { local }),
    environment,
    signal,
  );
  try {
    if (source.size > limit) {
      throw storeError('store.tooLarge', `${path} has ${source.size} bytes, more than ${limit}`, {
        data: { path, size: source.size, limit },
      });
    }
    const bytes = new Uint8Array(source.size);
    await source.read(0, bytes, signal);
    return bytes;
  } finally {
    await source.close();
  }
}
