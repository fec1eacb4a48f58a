import fs from 'node:fs/promises';
import path from 'node:path';
import { machine } from '../source/file-environment.ts';
import { systemCode } from '../source/file-errors.ts';
import { backupError } from './backup-errors.ts';
import type { Store } from './store/store.ts';

/**
 * Refuses a folder in the store that is restored from: a restored disk has the name of the image it comes from, which with
 * `force` it would replace, and the increments on it would be lost. Links on the way are followed. Throws `restore.inStore`.
 */
export async function refuseInsideStore(store: Store, folder: string): Promise<void> {
  const root = store.localPath('');
  if (root === undefined) return;
  const place = await realPlace(path.resolve(folder));
  const within = path.relative(await realPlace(path.resolve(root)), place);
  if (within === '..' || within.startsWith(`..${path.sep}`) || path.isAbsolute(within)) return;
  throw backupError(
    'restore.inStore',
    `${folder} lies in the store ${store.location}: restore to a folder outside of it`,
    { data: { path: folder, store: store.location } },
  );
}

/** Refuses to take the place of a file. Throws `restore.exists`. */
export async function refuseExisting(file: string): Promise<void> {
  try {
    await fs.lstat(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
  }
  throw exists(file);
}

export const exists = (file: string): Error =>
  backupError('restore.exists', `${file} exists. Give another folder, or --force to replace it`, {
    data: { path: file },
  });

/** Where a folder really is, as far as it exists yet. */
async function realPlace(folder: string): Promise<string> {
  try {
    return await machine.files.realpath(folder);
  } catch {
    const parent = path.dirname(folder);
    return parent === folder ? folder : path.join(await realPlace(parent), path.basename(folder));
  }
}
