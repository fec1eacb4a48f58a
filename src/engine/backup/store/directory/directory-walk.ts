import { lstatSync, type Dirent } from 'node:fs';
import { join, relative, isAbsolute } from 'node:path';
import type { FileEnvironment } from '../../../source/platform/file-environment.ts';
import { fileError, systemCode } from '../../../source/platform/file-errors.ts';
import { mayStayOnThread } from '../../../source/files/quick-calls.ts';
import { storeError } from '../contract/store-errors.ts';
import { isTemporary } from '../contract/store-path.ts';

export interface ListedName {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link';
}

/**
 * Lists a folder, sorted, without temporary files; empty if it is missing. Reports links and never
 * follows them.
 */
export async function listFolder(
  path: string,
  environment: FileEnvironment,
): Promise<readonly ListedName[]> {
  const names = await readNames(path, environment);
  return names.filter((entry) => !isTemporary(entry.name));
}

async function readNames(
  path: string,
  environment: FileEnvironment,
): Promise<readonly ListedName[]> {
  try {
    const entries = await environment.files.readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() || entry.isDirectory() || entry.isSymbolicLink())
      .map((entry): ListedName => ({ name: entry.name, kind: kindOf(entry) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(error, 'list', path);
  }
}

const kindOf = (entry: Dirent): ListedName['kind'] =>
  entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'link';

/**
 * Throws `store.path` if any part of the path is a link, or leads out of the store. Parts that do
 * not exist yet are fine.
 * @param root the store's folder with all links above it resolved.
 * @param local the folder is on this machine, so its files are checked on this thread.
 */
export async function refuseLinks(
  root: string,
  parts: readonly string[],
  environment: FileEnvironment,
  local = false,
): Promise<void> {
  let path = root;
  for (const part of parts) {
    path = join(path, part);
    try {
      const here = local && mayStayOnThread();
      const entry = here ? lstatSync(path) : await environment.files.lstat(path);
      if (!entry.isSymbolicLink()) continue;
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return;
      throw fileError(error, 'look at', path);
    }
    const target = await environment.files.realpath(path).catch(() => 'nowhere');
    const way = relative(root, target);
    const outside = way.startsWith('..') || isAbsolute(way);
    throw storeError(
      'store.path',
      `${path} is a link to ${target}, ${outside ? 'out of the store' : 'which a store must not contain'}`,
      { data: { path, target } },
    );
  }
}

const MAX_WALK = 8;

/**
 * Returns the size of a file; undefined if it disappeared after the listing. Other processes that
 * want the lease write and remove such files at any time.
 */
async function sizeOf(path: string, environment: FileEnvironment): Promise<number | undefined> {
  try {
    return (await environment.files.lstat(path)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(error, 'look at', path);
  }
}

/** Lists temporary files below a folder by their relative paths with `/`. Does not follow links. */
export async function findLeftovers(
  folder: string,
  environment: FileEnvironment,
  signal: AbortSignal,
): Promise<readonly { readonly relative: string; readonly bytes: number }[]> {
  const found: { relative: string; bytes: number }[] = [];
  const walk = async (path: string, prefix: string, depth: number): Promise<void> => {
    signal.throwIfAborted();
    for (const { name, kind } of await readNames(path, environment)) {
      if (kind === 'link') continue;
      const inner = join(path, name);
      if (isTemporary(name)) {
        const bytes = await sizeOf(inner, environment);
        if (bytes !== undefined) found.push({ relative: `${prefix}${name}`, bytes });
      } else if (kind === 'folder' && depth < MAX_WALK) {
        await walk(inner, `${prefix}${name}/`, depth + 1);
      }
    }
  };
  await walk(folder, '', 1);
  return found;
}
