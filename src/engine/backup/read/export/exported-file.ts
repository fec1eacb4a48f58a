import type { PathMapping } from '../../../api/host.ts';
import fs from 'node:fs/promises';
import path from 'node:path';
import { never } from '../../../base/abort.ts';
import { openImage } from '../../../disk/chain/open-as.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostDisk } from '../../host/host.ts';
import { toLocalPath } from '../../host/path-map.ts';

/** Subfolder of an export that contains its disks. */
const DISK_FOLDER = 'Virtual Hard Disks';

/**
 * Finds the local file of a disk in an export by the disk's ID, since the host chooses the names.
 */
export async function exportedFile(
  directory: string,
  disk: HostDisk,
  pathMap: readonly PathMapping[],
): Promise<string> {
  const folder = toLocalPath(`${directory}\\${DISK_FOLDER}`, pathMap);
  const names = (await fs.readdir(folder).catch(() => [])).filter((name) =>
    /\.a?vhdx?$/i.test(name),
  );
  const fitting: string[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const image = await openImage(file, never);
    await image.close();
    const { diskId, size, format } = image;
    const fits = diskId === disk.virtualDiskId && size === disk.virtualSize;
    if (fits && format === disk.format) fitting.push(file);
  }
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  throw backupError(
    'export.missing',
    `${fitting.length} files in the export ${folder} match the disk at ${disk.slot}; expected one`,
    { data: { folder, slot: disk.slot, found: names } },
  );
}
