import fs from 'node:fs/promises';
import { freeBytes } from '../../../source/folders/free-bytes.ts';
import { fileError } from '../../../source/platform/file-errors.ts';
import { requireRoom } from '../restore-target.ts';
import type { OverAccess } from './over-files.ts';
import type { OverDiskPlan } from './plan-over.ts';

/** Bytes that stay free for other programs that write to the folder meanwhile. */
const SPACE_RESERVE = 16 * 2 ** 20;

/** Throws `restore.space` if a volume, or a share, has too little space for all disks that go there. */
export async function requireRoomForDisks(
  disks: readonly OverDiskPlan[],
  { remote }: Pick<OverAccess, 'remote'>,
  signal: AbortSignal,
): Promise<void> {
  const needed = new Map<
    string,
    { way: OverDiskPlan['file']['way']; folder: string; bytes: number }
  >();
  for (const { file, neededBytes } of disks) {
    const { folder, way } = file;
    const volume = way === 'mapped' ? await deviceOf(folder) : shareOf(folder);
    const bytes = (needed.get(volume)?.bytes ?? SPACE_RESERVE) + neededBytes;
    needed.set(volume, { way, folder, bytes });
  }
  for (const { way, folder, bytes } of needed.values()) {
    const free =
      way === 'mapped' ? await freeBytes(folder) : await remote.writing.freeBytes(folder, signal);
    requireRoom(folder, bytes, free);
  }
}

async function deviceOf(folder: string): Promise<string> {
  const { dev } = await fs.stat(folder).catch((error: unknown) => {
    throw fileError(error, 'look at', folder);
  });
  return String(dev);
}

/** Returns `\\server\share` of a UNC path, in lower case. */
const shareOf = (folder: string): string => folder.split('\\').slice(0, 4).join('\\').toLowerCase();
