import { dirname, join } from 'node:path';
import { never } from '../../base/abort.ts';
import { retryBusy, type FileEnvironment } from '../platform/file-environment.ts';
import { fileError, systemCode } from '../platform/file-errors.ts';
import type { Durability } from '../platform/durability.ts';
import { flushFolder } from './folder.ts';

/** Prefix of every temporary name; listings of a store hide such names, `clean` removes them. */
export const TEMPORARY_PREFIX = '.refpoint-';

/**
 * Error codes of file systems without hard links (FAT, exFAT), which "create only if absent" needs
 * to be one step.
 */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EINVAL']);

/** Returns a name in the folder of `path` that no other writer uses. */
export function temporaryName(path: string): string {
  const random = globalThis.crypto.randomUUID().replaceAll('-', '').slice(0, 16);
  return join(dirname(path), `${TEMPORARY_PREFIX}${random}.tmp`);
}

/** Gives a finished temporary file its final name, replacing an existing file. */
export async function placeReplacing(
  temporary: string,
  path: string,
  environment: FileEnvironment,
  signal: AbortSignal,
  durability: Durability = 'durable',
): Promise<void> {
  try {
    await retryBusy(() => environment.files.rename(temporary, path), environment, signal);
  } catch (error) {
    throw fileError(error, 'replace', path);
  }
  if (durability === 'durable') await flushFolder(dirname(path), environment);
}

/**
 * Gives a finished temporary file its final name in one step if the name is free. Returns false if
 * it is taken: the existing file is untouched and the temporary one still exists.
 */
export async function placeExclusive(
  temporary: string,
  path: string,
  environment: FileEnvironment,
  signal: AbortSignal,
  durability: Durability = 'durable',
): Promise<boolean> {
  try {
    await environment.files.link(temporary, path);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    const tryOtherWay = NO_LINKS.has(code) || (environment.windows && code !== 'ENOENT');
    if (!tryOtherWay) throw fileError(error, 'create', path);
    return placeReserved(temporary, path, environment, signal, durability);
  }
  if (durability === 'durable') await flushFolder(dirname(path), environment);
  // The file exists now. Failing to remove its second name leaves litter and is not an error.
  await retryBusy(() => environment.files.unlink(temporary), environment, never).catch(
    () => undefined,
  );
  return true;
}

/**
 * Without hard links (FAT, exFAT, some shares): an empty file reserves the final name, which the
 * file system creates for exactly one writer, and the finished file replaces it. Reservations never
 * expire and belong to their maker, so a writer that sleeps in between and wakes later still
 * replaces only its own empty file. A writer that crashes in between leaves an empty file, which
 * readers treat as a file that was never finished.
 */
async function placeReserved(
  temporary: string,
  path: string,
  environment: FileEnvironment,
  signal: AbortSignal,
  durability: Durability,
): Promise<boolean> {
  signal.throwIfAborted();
  if (!(await reserve(path, environment, signal))) return false;
  try {
    await placeReplacing(temporary, path, environment, signal, durability);
  } catch (error) {
    await removeReservation(path, environment);
    throw error;
  }
  return true;
}

/** Creates an empty file if the name is free; returns false if it is taken. */
async function reserve(
  path: string,
  environment: FileEnvironment,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const handle = await retryBusy(() => environment.files.open(path, 'wx'), environment, signal);
    await handle.close();
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw fileError(error, 'create', path);
  }
}

/**
 * Removes our own reservation. A file with bytes is the finished one: the reply to the rename was
 * lost.
 */
async function removeReservation(path: string, environment: FileEnvironment): Promise<void> {
  try {
    if ((await environment.files.lstat(path)).size > 0) return;
    await retryBusy(() => environment.files.unlink(path), environment, never);
  } catch {
    // An empty file keeps the name.
  }
}
