import { backupError } from '../../errors/backup-errors.ts';
import type { BackupHost, HostDisk } from '../../host/host.ts';

/** Longer chains are rejected, as Windows does. */
const MAX_PARENTS = 255;

/**
 * Returns the paths of a disk's parents as the host reports them, the nearest first. Throws
 * `disk.identity` for a chain that has no end.
 */
export async function reportedParents(
  disk: Pick<HostDisk, 'parentPath' | 'slot'>,
  host: Pick<BackupHost, 'parentOfImage'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const parents: string[] = [];
  for (let path = disk.parentPath; path !== null;) {
    if (parents.length === MAX_PARENTS || parents.includes(path)) {
      throw backupError(
        'disk.identity',
        `The host reports more than ${parents.length} parents for the disk at ${disk.slot}, the last one at ${path}`,
        { data: { path, found: String(parents.length + 1), expected: String(MAX_PARENTS) } },
      );
    }
    parents.push(path);
    path = await host.parentOfImage(path, signal);
  }
  return parents;
}
