import { dirname, join } from 'node:path';
import { never } from '../../base/abort.ts';
import { retryBusy, type FileEnvironment } from '../platform/file-environment.ts';
import { fileError, systemCode } from '../platform/file-errors.ts';
import type { Durability } from '../platform/durability.ts';
import { flushFolder } from './folder.ts';

/** Every name that is ours for a moment begins so; listings of a store hide it, `clean` removes it. */
export const TEMPORARY_PREFIX = '.refpoint-';

/** Hard links are what makes "only where absent" one step; these say that there are none here (FAT, exFAT). */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EINVAL']);

/** A name in the folder of `path` that no other writer has. */
export function temporaryName(path: string): string {
  const random = globalThis.crypto.randomUUID().replaceAll('-', '').slice(0, 16);
  return join(dirname(path), `${TEMPORARY_PREFIX}${random}.tmp`);
}

/** Gives a finished temporary file its name in place of whatever has it. */
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
 * Gives a finished temporary file its name where that name is free, in one step. False where
 * it is taken: the file that has it is untouched, the temporary one is still there.
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
  // From here on the file exists. A second name that cannot be removed is litter, not a failure.
  await retryBusy(() => environment.files.unlink(temporary), environment, never).catch(
    () => undefined,
  );
  return true;
}

/**
 * Without hard links (FAT, exFAT, some shares): the final name itself is reserved by an empty file, which the file system
 * makes for exactly one writer, and the finished file replaces it. No clock is looked at, and nobody takes a reservation
 * from its maker, so a writer that sleeps in between and wakes later still replaces its own empty file only.
 * A writer that dies in between leaves an empty file: its readers take it for a file that was never finished.
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

/** Creates an empty file if the name is free; false if it is taken. */
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

/** Removes our own reservation. A file with bytes is the finished one: the answer to the rename was lost. */
async function removeReservation(path: string, environment: FileEnvironment): Promise<void> {
  try {
    if ((await environment.files.lstat(path)).size > 0) return;
    await retryBusy(() => environment.files.unlink(path), environment, never);
  } catch {
    // The name stays taken by an empty file.
  }
}
