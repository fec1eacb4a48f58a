import type { PathMapping } from '../../../api/host.ts';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Guid } from '../../../base/guid.ts';
import { isEngineError } from '../../../base/errors.ts';
import { toLocalPath } from '../../host/path-map.ts';
import { isPointId } from '../../manifest/point-id.ts';

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
 * Removes the folder of an export if this machine can reach it. Throws errors of the file system,
 * and `path.invalid`.
 */
export async function removeExport(
  directory: string,
  vmId: Guid,
  pathMap: readonly PathMapping[],
): Promise<ExportRemoval> {
  const name = path.win32.basename(directory).toLowerCase();
  const point = name.startsWith(`${vmId}-`) ? name.slice(vmId.length + 1) : '';
  if (!isPointId(point.replace(/^\d{8}t\d{6}z/, (time) => time.toUpperCase()))) return 'foreign';
  try {
    const local = toLocalPath(directory, pathMap);
    if (!(await isMounted(local, pathMap))) return 'unreachable';
    await fs.rm(local, { recursive: true, force: true });
    return 'removed';
  } catch (error) {
    if (isEngineError(error, 'path.unmapped')) return 'unreachable';
    throw error;
  }
}

/**
 * Whether the mapped folder that contains `local` exists and is not empty. An empty one is a mount
 * point without its share, so a missing export proves nothing about the host.
 */
async function isMounted(local: string, pathMap: readonly PathMapping[]): Promise<boolean> {
  const root = pathMap.find((each) => local.startsWith(each.local))?.local;
  if (root === undefined) return true;
  const names = await fs.readdir(root).catch(() => []);
  return names.length > 0;
}
