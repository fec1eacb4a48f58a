/**
 * Opens disks inside a shadow copy set. Paths inside images are names of files on the live host: each
 * is looked up in the set, and its identity must be the one that its child recorded.
 */
import path from 'node:path';
import { openImage } from '../../../disk/chain/open-as.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import { openListed } from '../../../disk/chain/open-listed.ts';
import type { ParentLink } from '../../../disk/image/image.ts';
import { isEngineError } from '../../../base/errors.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostDisk } from '../../host/host.ts';
import type { HostFiles } from '../../host/host-files.ts';
import { checkIdentity } from '../source/host-disk-source.ts';
import { parseGuid } from '../../../base/guid.ts';

/** Longer chains are rejected, as Windows does. */
const MAX_PARENTS = 255;

/** A file of the host, and where it is in the set. */
interface Found {
  readonly hostPath: string;
  readonly place: string;
}

/**
 * Opens a disk as it is in the set: through its AutoRecovery leaf if there is one, since only that is
 * consistent (reference 2). Throws `path.missing`, `disk.*`.
 */
export async function openInSet(
  disk: HostDisk,
  files: HostFiles,
  signal: AbortSignal,
): Promise<OpenedDisk> {
  const leaf = await leafOf(disk, files, signal);
  const chain: [Found, ...Found[]] = [leaf];
  const open = files.access.open.bind(files.access);
  for (let child = leaf; ;) {
    const image = await openImage(child.place, signal, { open });
    await image.close();
    if (image.parent === undefined) break;
    const parent = await parentOf(image.parent, child, files, signal);
    if (chain.length > MAX_PARENTS || chain.some(({ place }) => place === parent.place)) {
      throw backupError('disk.identity', `The disk at ${disk.slot} has a chain without an end`, {
        data: { path: parent.hostPath, found: String(chain.length), expected: String(MAX_PARENTS) },
      });
    }
    chain.push(parent);
    child = parent;
  }
  const [first, ...rest] = chain.map(({ place }) => place);
  const opened = await openListed([first ?? leaf.place, ...rest], { open }, signal);
  try {
    const [top] = opened.layers;
    checkIdentity(
      disk,
      {
        virtualDiskId: top.diskId === undefined ? null : parseGuid(top.diskId),
        virtualSize: top.size,
        logicalSectorSize: top.logicalSectorSize,
        physicalSectorSize: top.physicalSectorSize ?? null,
        format: top.format as HostDisk['format'],
      },
      leaf.place,
    );
    return opened;
  } catch (error) {
    await opened.disk.close();
    throw error;
  }
}

/**
 * Returns the leaf of a disk in the set. The file that the configuration names may be missing there; then
 * the leaf bears the name of the disk that its checkpoints began with.
 */
async function leafOf(disk: HostDisk, files: HostFiles, signal: AbortSignal): Promise<Found> {
  const { dir, name } = path.win32.parse(disk.path);
  const named = `${dir}\\${name}-AutoRecovery.avhdx`;
  const recovered = await inSet(named, files, signal);
  if (recovered !== undefined) return recovered;
  const own = await inSet(disk.path, files, signal);
  if (own !== undefined) return own;
  const base = name.replace(/_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, '');
  const other = await inSet(`${dir}\\${base}-AutoRecovery.avhdx`, files, signal);
  if (other !== undefined) return other;
  throw backupError('path.missing', `${disk.path} is not in the shadow copy`, {
    data: { found: disk.path, local: await files.pathOf(disk.path, signal), folder: dir },
  });
}

/** Looks a parent up in the set, by each path that its child has for it. */
async function parentOf(
  link: ParentLink,
  child: Found,
  files: HostFiles,
  signal: AbortSignal,
): Promise<Found> {
  const folder = path.win32.dirname(child.hostPath);
  const names = [
    ...(link.relativePath === undefined ? [] : [path.win32.join(folder, link.relativePath)]),
    ...[link.absolutePath, link.volumePath].filter((each) => each !== undefined),
  ];
  for (const name of names) {
    const found = await inSet(name, files, signal);
    if (found !== undefined) return found;
  }
  throw backupError('path.missing', `The parent of ${child.hostPath} is not in the shadow copies`, {
    data: { found: names[0] ?? '', local: child.place, folder },
  });
}

/** Returns a file of the set; undefined if the set does not have it. */
async function inSet(
  hostPath: string,
  files: HostFiles,
  signal: AbortSignal,
): Promise<Found | undefined> {
  try {
    const place = await files.pathOf(hostPath, signal);
    const facts = await files.access.stat(place, signal);
    return facts?.kind === 'file' ? { hostPath, place } : undefined;
  } catch (error) {
    if (!isEngineError(error, 'path.unmapped', 'path.invalid')) throw error;
    return undefined;
  }
}
