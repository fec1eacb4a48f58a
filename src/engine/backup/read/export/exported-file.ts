import { openImage } from '../../../disk/chain/open-as.ts';
import { pathsOf } from '../../../source/platform/path-flavour.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostDisk } from '../../host/host.ts';
import type { HostFiles } from '../../host/host-files.ts';

/** Subfolder of an export that contains its disks. */
const DISK_FOLDER = 'Virtual Hard Disks';

/**
 * Finds the file of a disk in an export by the disk's ID, since the host chooses the names. Returns its
 * path of `files.access`.
 */
export async function exportedFile(
  directory: string,
  disk: HostDisk,
  files: HostFiles,
  signal: AbortSignal,
): Promise<string> {
  const { access } = files;
  const folder = await files.pathOf(`${directory}\\${DISK_FOLDER}`, signal);
  const paths = pathsOf(access.flavour);
  const names = ((await access.list(folder, signal)) ?? [])
    .map(({ name }) => name)
    .filter((name) => /\.a?vhdx?$/i.test(name));
  const fitting: string[] = [];
  for (const name of names) {
    const file = paths.join(folder, name);
    const image = await openImage(file, signal, { open: access.open.bind(access) });
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
