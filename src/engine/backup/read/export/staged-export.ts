import fs from 'node:fs/promises';
import path from 'node:path';
import type { Guid } from '../../../base/guid.ts';
import { isEngineError } from '../../../base/errors.ts';
import { toLocalPath, type PathMapping } from '../../host/path-map.ts';
import { isPointId } from '../../manifest/point-id.ts';

/** Where a run has the host put its export: a folder of its own, named after VM and point. */
export function exportFolder(directory: string, vmId: Guid, pointId: string): string {
  return `${directory.replace(/\\+$/, '')}\\${vmId}-${pointId}`;
}

/**
 * What became of an export's folder. `foreign`: its name is not one that `exportFolder` gives for this VM. The path comes from
 * a ledger that others may have written to, and a folder is removed with all that is in it, so nothing else is ever touched.
 */
export type ExportRemoval = 'removed' | 'unreachable' | 'foreign';

/** Removes the folder of an export where this machine can reach it. Throws what the file system says, `path.invalid`. */
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
 * Whether the mapped folder that `local` lies in is there with something in it. An empty one is a mount point without its share:
 * that the export is not in it says nothing about the host.
 */
async function isMounted(local: string, pathMap: readonly PathMapping[]): Promise<boolean> {
  const root = pathMap.find((each) => local.startsWith(each.local))?.local;
  if (root === undefined) return true;
  const names = await fs.readdir(root).catch(() => []);
  return names.length > 0;
}
