import fs from 'node:fs/promises';
import path from 'node:path';
import { formatBytes } from '../base/format-bytes.ts';
import type { VirtualDisk } from '../disk/virtual-disk.ts';
import { machine } from '../source/file-environment.ts';
import { systemCode } from '../source/file-errors.ts';
import { realPlace } from '../source/real-place.ts';
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

/** Room for tables and rounding besides the data. */
const SPACE_RESERVE = 16 * 2 ** 20;
/** Restored images have blocks of this size, of which each with data is stored whole. */
const BLOCK = 2 * 2 ** 20;

/**
 * Bytes that a restored disk takes at most: its blocks with data. Nothing is read but the tables of its images.
 */
export async function restoredBytes(disk: VirtualDisk, signal: AbortSignal): Promise<number> {
  let bytes = SPACE_RESERVE;
  let counted = 0;
  for await (const extent of disk.extents({ start: 0, end: disk.size }, signal)) {
    if (extent.kind !== 'data') continue;
    const start = Math.max(counted, Math.floor(extent.start / BLOCK) * BLOCK);
    counted = Math.max(counted, Math.ceil((extent.start + extent.length) / BLOCK) * BLOCK);
    bytes += Math.max(0, counted - start);
  }
  return bytes;
}

/** Refuses a restore that would not fit, before hours of it are written. Throws `restore.space`. */
export function requireRoom(folder: string, needed: number, free: number | undefined): void {
  if (free === undefined || free >= needed) return;
  throw backupError(
    'restore.space',
    `${folder} has ${formatBytes(free)} free; the restored disk needs up to ${formatBytes(needed)}`,
    { data: { path: folder, free, needed } },
  );
}

/** Bytes that still fit into a folder's volume; undefined where it cannot say. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await machine.files.statfs(folder);
    return Math.min(bavail * bsize, Number.MAX_SAFE_INTEGER);
  } catch {
    return undefined;
  }
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
  backupError('restore.exists', `${file} exists`, {
    data: { path: file },
  });
