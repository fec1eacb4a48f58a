import type { Durability } from '../platform/durability.ts';
import { machine, type FileEnvironment } from '../platform/file-environment.ts';
import { fileError } from '../platform/file-errors.ts';
import { writeFully } from './file-storage.ts';
import { placeExclusive, placeReplacing, temporaryName } from '../folders/place-file.ts';

/**
 * Replaces (or creates) a small file atomically: readers see either all old bytes or all new ones,
 * also after a crash if the write is durable.
 */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  signal: AbortSignal,
  environment: FileEnvironment = machine,
  durability: Durability = 'durable',
): Promise<void> {
  const temporary = await writeTemporary(path, bytes, signal, environment, durability);
  try {
    await placeReplacing(temporary, path, environment, signal, durability);
  } catch (error) {
    await environment.files.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Creates a small file atomically if it is absent. Returns whether it created the file; of several
 * concurrent callers, on any machine, exactly one gets true.
 */
export async function createFileExclusive(
  path: string,
  bytes: Uint8Array,
  signal: AbortSignal,
  environment: FileEnvironment = machine,
  durability: Durability = 'durable',
): Promise<boolean> {
  const temporary = await writeTemporary(path, bytes, signal, environment, durability);
  let placed = false;
  try {
    placed = await placeExclusive(temporary, path, environment, signal, durability);
    return placed;
  } finally {
    if (!placed) await environment.files.rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function writeTemporary(
  path: string,
  bytes: Uint8Array,
  signal: AbortSignal,
  environment: FileEnvironment,
  durability: Durability,
): Promise<string> {
  signal.throwIfAborted();
  const temporary = temporaryName(path);
  try {
    const handle = await environment.files.open(temporary, 'wx');
    try {
      await writeFully(handle, path, 0, bytes);
      if (durability !== 'passing') await handle.sync();
    } finally {
      await handle.close();
    }
    return temporary;
  } catch (error) {
    await environment.files.rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(error, 'write', path);
  }
}
