import { machine } from '../platform/file-environment.ts';

/** Returns the free bytes of a folder's volume; undefined if unknown. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await machine.files.statfs(folder);
    return Math.min(bavail * bsize, Number.MAX_SAFE_INTEGER);
  } catch {
    return undefined;
  }
}
