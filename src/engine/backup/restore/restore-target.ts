import fs from 'node:fs/promises';
import path from 'node:path';
import { formatBytes } from '../../base/format-bytes.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import { systemCode } from '../../source/platform/file-errors.ts';
import { realPlace } from '../../source/folders/real-place.ts';
import { chooseBlockSize } from '../../disk/vhdx/structures/block-size.ts';
import { backupError } from '../errors/backup-errors.ts';
import { dataOf } from '../hashes/hash-disk.ts';
import { imageAllocated } from '../room/allocated.ts';
import { fullImageLength } from '../room/image-length.ts';
import { TouchedPieces } from '../room/touched.ts';
import { restoreFormat } from './restore-formats.ts';
import type { Store } from '../store/contract/store.ts';

/**
 * Rejects a target folder inside the store of the restore. A restored disk has the name of its
 * image, so with `force` it would replace the image and destroy the increments on it. Follows links
 * in the path. Throws `restore.inStore`.
 */
export async function refuseInsideStore(store: Store, folder: string): Promise<void> {
  const root = store.localPath('');
  if (root === undefined) return;
  const place = await realPlace(path.resolve(folder));
  const within = path.relative(await realPlace(path.resolve(root)), place);
  if (within === '..' || within.startsWith(`..${path.sep}`) || path.isAbsolute(within)) return;
  throw backupError(
    'restore.inStore',
    `${folder} is inside the store ${store.location}: restore to a folder outside of it`,
    { data: { path: folder, store: store.location } },
  );
}

/** Allocation unit of file systems for a file with holes, in bytes. */
const ALLOCATED = 64 * 1024;

/** Size of the largest block of a new image in a format other than VHDX, in bytes. */
const MAX_BLOCK = 2 ** 21;

/** Parameters of a restored disk. */
export interface RestoredFile {
  /** One of RESTORE_FORMATS. */
  readonly format: string;
  /** Whether gaps in files of the target folder take no space. */
  readonly sparse: boolean;
}

/**
 * Returns the maximum number of bytes that a restored disk takes. If gaps take no space, this is
 * its data. Otherwise an image takes its whole blocks with data, and a fixed one its length. Reads
 * only the tables of the disk's images.
 */
export async function restoredBytes(
  disk: VirtualDisk,
  { format, sparse }: RestoredFile,
  signal: AbortSignal,
): Promise<number> {
  const fixed = restoreFormat(format).subformat === 'fixed';
  if (fixed && !sparse) return disk.size;
  const data = dataOf(disk, { start: 0, end: disk.size }, signal);
  if (format === 'vhdx') {
    const { size: virtualSize, logicalSectorSize } = disk;
    const blockSize = chooseBlockSize(virtualSize, logicalSectorSize as 512 | 4096);
    const geometry = { virtualSize, blockSize, logicalSectorSize };
    const length = await fullImageLength(data, geometry);
    if (!sparse) return length;
    const again = dataOf(disk, { start: 0, end: disk.size }, signal);
    return Math.min(length, await imageAllocated(again, geometry, 'full'));
  }
  const piece = fixed || sparse ? ALLOCATED : MAX_BLOCK;
  const pieces = new TouchedPieces(piece);
  for await (const range of data) pieces.add(range);
  // The file system lists the pieces in blocks that belong to the file.
  return (pieces.count + Math.ceil(pieces.count / 64)) * piece;
}

/**
 * Rejects a restore that would not fit, before hours are spent on writing. Throws `restore.space`.
 */
export function requireRoom(folder: string, needed: number, free: number | undefined): void {
  if (free === undefined || free >= needed) return;
  throw backupError(
    'restore.space',
    `${folder} has ${formatBytes(free)} free; the restored disk needs up to ${formatBytes(needed)}`,
    { data: { path: folder, free, needed } },
  );
}

/** Rejects a path at which a file exists. Throws `restore.exists`. */
export async function refuseExisting(file: string): Promise<void> {
  try {
    await fs.lstat(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
  }
  throw exists(file);
}

export const exists = (file: string): Error =>
  backupError('restore.exists', `${file} already exists`, {
    data: { path: file },
  });
