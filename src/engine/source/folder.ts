import { dirname, resolve, toNamespacedPath } from 'node:path';
import { never } from '../base/abort.ts';
import { machine, retryBusy, type FileEnvironment } from './file-environment.ts';
import { fileError, systemCode } from './file-errors.ts';

/**
 * What systems say that cannot open or flush a folder: Windows always, some network file systems.
 * A loss of power may then undo a rename that was reported as done, never leave half of it.
 */
const NO_FOLDER_FLUSH = new Set(['EPERM', 'EACCES', 'EISDIR', 'EINVAL', 'ENOTSUP', 'EBADF']);

/** Makes the names in a folder (creations, renames, removals) survive a loss of power, where that can be had. */
export async function flushFolder(
  path: string,
  environment: FileEnvironment = machine,
): Promise<void> {
  try {
    const handle = await environment.files.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!NO_FOLDER_FLUSH.has(systemCode(error))) throw fileError(error, 'flush the folder', path);
  }
}

/** Makes a folder and those above it, durably; an existing one is fine. */
export async function ensureFolder(
  path: string,
  environment: FileEnvironment = machine,
): Promise<void> {
  try {
    const first = await environment.files.mkdir(path, { recursive: true });
    // Node names the topmost folder that it made: each new name lies in the folder above it.
    if (first === undefined) return;
    for (let made = path; ; made = dirname(made)) {
      await flushFolder(dirname(made), environment);
      // On Windows the name comes back with the prefix \\?\.
      const last = toNamespacedPath(resolve(made)) === toNamespacedPath(resolve(first));
      if (last || made === dirname(made)) break;
    }
  } catch (error) {
    throw fileError(error, 'make the folder', path);
  }
}

/** Makes one folder and says whether it did; false where the name is taken. */
export async function createFolderExclusive(
  path: string,
  environment: FileEnvironment = machine,
): Promise<boolean> {
  try {
    await environment.files.mkdir(path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw fileError(error, 'make the folder', path);
  }
  await flushFolder(dirname(path), environment);
  return true;
}

/** Removes a file, or a folder with all in it (links themselves, never what they name). Absent is fine. */
export async function removeTree(
  path: string,
  environment: FileEnvironment = machine,
): Promise<void> {
  try {
    await retryBusy(
      () => environment.files.rm(path, { recursive: true, force: true }),
      environment,
      never,
    );
  } catch (error) {
    throw fileError(error, 'remove', path);
  }
}
