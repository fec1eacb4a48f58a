import type { Dirent, Stats } from 'node:fs';
import fs from 'node:fs/promises';
import { fileError, systemCode } from '../platform/file-errors.ts';
import type { FileAccess, FileFacts, FileKind } from './file-access.ts';
import { FileSource } from './file-source.ts';

/** The files of this machine. Throws `source.*`. */
export const LOCAL_ACCESS: FileAccess = {
  flavour: process.platform === 'win32' ? 'win32' : 'posix',
  open: (path, signal) => FileSource.open(path, signal),
  stat: async (path, signal) => {
    signal.throwIfAborted();
    return orAbsent(() => factsOf(path), 'look for', path);
  },
  list: async (path, signal) => {
    signal.throwIfAborted();
    const entries = await orAbsent(() => fs.readdir(path, { withFileTypes: true }), 'list', path);
    return entries?.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
  },
  remove: async (path, signal) => {
    signal.throwIfAborted();
    await orAbsent(() => fs.rm(path, { recursive: true, force: true }), 'remove', path);
  },
};

async function factsOf(path: string): Promise<FileFacts> {
  try {
    const found = await fs.lstat(path);
    const isLink = found.isSymbolicLink();
    const target = isLink ? await fs.stat(path) : found;
    const changed = `${target.mtimeMs} ${target.ctimeMs} ${target.ino}`;
    return { kind: kindOf(target), size: target.size, isLink, changed, readable: null };
  } catch (error) {
    // A file that is in use exists.
    if (systemCode(error) !== 'EBUSY') throw error;
    return { kind: 'file', size: null, isLink: false, readable: null };
  }
}

function kindOf(found: Stats | Dirent): FileKind {
  if (found.isFile()) return 'file';
  return found.isDirectory() ? 'folder' : 'other';
}

const ABSENT: readonly string[] = ['ENOENT', 'ENOTDIR'];

async function orAbsent<T>(
  work: () => Promise<T>,
  doing: string,
  path: string,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (ABSENT.includes(systemCode(error))) return undefined;
    throw fileError(error, doing, path);
  }
}
