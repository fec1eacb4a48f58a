import path from 'node:path';
import type { Guid } from '../../../base/guid.ts';
import type { ReachableFiles } from '../../host/reachable-files.ts';
import { hostFolder } from '../../host/path-map.ts';
import { isPointId } from '../../manifest/point-id.ts';
import { problemOfPath } from '../contract/look-at-path.ts';

/**
 * Returns the folder for a run's export on the host: a folder of its own, named after VM and point.
 */
export function exportFolder(directory: string, vmId: Guid, pointId: string): string {
  return `${directory.replace(/\\+$/, '')}\\${vmId}-${pointId}`;
}

/**
 * Result of removing an export's folder. `foreign`: `exportFolder` does not produce its name for
 * this VM. The path comes from a ledger that others may have written to, and the folder is removed
 * with all its contents, so any other path is left alone.
 */
export type ExportRemoval = 'removed' | 'unreachable' | 'foreign';

/**
 * Removes the folder of an export if this machine can reach it: where the folder for exports is seen,
 * or else the folder above it. A path map may lead to another place, where every export is missing.
 * Throws errors of the file system, `path.invalid`, `smb.*`.
 */
export async function removeExport(
  directory: string,
  vmId: Guid,
  reachable: ReachableFiles,
  signal: AbortSignal,
): Promise<ExportRemoval> {
  const name = path.win32.basename(directory).toLowerCase();
  const point = name.startsWith(`${vmId}-`) ? name.slice(vmId.length + 1) : '';
  if (!isPointId(point.replace(/^\d{8}t\d{6}z/, (time) => time.toUpperCase()))) return 'foreign';
  const folder = hostFolder(directory);
  for (const seen of [folder, hostFolder(folder)]) {
    for (const files of [reachable.mapped, reachable.remote]) {
      if (!(await files.reaches(directory, signal))) continue;
      if ((await problemOfPath(seen, files, signal)) !== null) continue;
      await files.access.remove(await files.pathOf(directory, signal), signal);
      return 'removed';
    }
  }
  return 'unreachable';
}
