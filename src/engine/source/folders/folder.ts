import { basename, dirname, resolve } from 'node:path';
import { never } from '../../base/abort.ts';
import type { CodesOf } from '../../base/errors.ts';
import { machine, retryBusy, type FileEnvironment } from '../platform/file-environment.ts';
import { fileError, systemCode } from '../platform/file-errors.ts';
import { sourceError } from '../source-errors.ts';

/**
 * Error codes of systems that cannot open or flush a folder: Windows always, some network file
 * systems. A loss of power may then undo a rename that was reported as done, but never leave half
 * of it.
 */
const NO_FOLDER_FLUSH = new Set(['EPERM', 'EACCES', 'EISDIR', 'EINVAL', 'ENOTSUP', 'EBADF']);

/**
 * Makes the names in a folder (creations, renames, removals) survive a loss of power, if the system
 * supports it.
 */
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

/**
 * Creates a folder and its parents, by default durably. An existing folder is accepted, also if another
 * process creates it concurrently. Creates one part at a time: Node's recursive mkdir never ends if
 * a file system (/proc) answers ENOENT below an existing folder.
 * @param mode permissions of the created folders.
 */
export async function ensureFolder(
  path: string,
  environment: FileEnvironment = machine,
  mode = 0o777,
  durability: 'durable' | 'passing' = 'durable',
): Promise<void> {
  const missing: string[] = [];
  for (let at = resolve(path); !(await isFolder(at, path, environment)); at = dirname(at)) {
    if (dirname(at) === at) throw cannotMake('source.notFound', path, `${at} does not exist`);
    missing.unshift(at);
  }
  for (const folder of missing) {
    try {
      await environment.files.mkdir(folder, { mode });
    } catch (error) {
      const system = systemCode(error);
      if (system === 'EEXIST' && (await isFolder(folder, path, environment))) continue;
      // The parent exists: either it does not allow new folders, or the name is invalid (Windows).
      if (system === 'ENOENT') {
        const why = `${dirname(folder)} does not allow a folder “${basename(folder)}” (ENOENT)`;
        throw cannotMake('source.denied', path, why);
      }
      throw fileError(error, 'make the folder', path);
    }
    if (durability === 'durable') await flushFolder(dirname(folder), environment);
  }
}

/** Throws `source.notFolder` if `ensureFolder` would find a file in its way. Creates nothing. */
export async function refuseFileInTheWay(
  path: string,
  environment: FileEnvironment = machine,
): Promise<void> {
  const file = await fileInTheWay(path, environment);
  if (file !== undefined) throw cannotMake('source.notFolder', path, isFileInstead(file, path));
}

/**
 * Returns the file that blocks `path` or one of its parent folders; undefined if there is not one.
 * Throws `source.*`.
 */
export async function fileInTheWay(
  path: string,
  environment: FileEnvironment = machine,
): Promise<string | undefined> {
  for (let at = resolve(path); ; at = dirname(at)) {
    const kind = await kindOf(at, environment).catch((error: unknown) => {
      throw fileError(error, 'look at', path);
    });
    if (kind === 'file') return at;
    if (kind === 'folder' || dirname(at) === at) return undefined;
  }
}

/** Returns `it is a file, not a folder`, or the same about the parent folder. */
export function isFileInstead(file: string, wanted: string): string {
  return `${file === resolve(wanted) ? 'it' : file} is a file, not a folder`;
}

/**
 * Returns false if nothing exists there. Throws `source.notFolder` if something other than a folder
 * blocks `wanted`.
 */
async function isFolder(
  path: string,
  wanted: string,
  environment: FileEnvironment,
): Promise<boolean> {
  const kind = await kindOf(path, environment).catch((error: unknown) => {
    throw fileError(error, 'make the folder', wanted);
  });
  if (kind !== 'file') return kind === 'folder';
  throw cannotMake('source.notFolder', wanted, isFileInstead(path, wanted));
}

/** Follows links. Devices and the like count as files. */
async function kindOf(
  path: string,
  environment: FileEnvironment,
): Promise<'folder' | 'file' | 'absent'> {
  try {
    return (await environment.files.stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    // ENOTDIR: a parent is a file.
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return 'absent';
    throw error;
  }
}

const cannotMake = (code: CodesOf<typeof sourceError>, path: string, why: string): Error =>
  sourceError(code, `Cannot make the folder ${path}: ${why}`, { data: { path } });

/**
 * Creates one folder. Returns whether it did; false if the name is taken. If not `durable`, its name
 * survives a loss of power once the folder around it is flushed.
 */
export async function createFolderExclusive(
  path: string,
  environment: FileEnvironment = machine,
  durability: 'durable' | 'whole' = 'durable',
): Promise<boolean> {
  try {
    await environment.files.mkdir(path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw fileError(error, 'make the folder', path);
  }
  if (durability === 'durable') await flushFolder(dirname(path), environment);
  return true;
}

/**
 * Removes a file, or a folder with its contents (links themselves, never their targets). Accepts an
 * absent path.
 */
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
