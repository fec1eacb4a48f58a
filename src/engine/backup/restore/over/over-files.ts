import fs from 'node:fs/promises';
import { isEngineError } from '../../../base/errors.ts';
import { noProgress } from '../../../base/progress.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import { openDisk } from '../../../disk/chain/open-disk.ts';
import { openListed } from '../../../disk/chain/open-listed.ts';
import type { FileAccess } from '../../../source/files/file-access.ts';
import { fileError } from '../../../source/platform/file-errors.ts';
import { pathsOf } from '../../../source/platform/path-flavour.ts';
import type { HostFiles } from '../../host/host-files.ts';
import { wayTo, type FileWay, type ReachableFiles } from '../../host/reachable-files.ts';
import { removeAbandoned } from '../staging.ts';
import { TRACKING_ENDINGS } from '../tracking-endings.ts';
import { stagingOf } from '../import/import-checks.ts';

/** The ways to the files of a VM whose disks are replaced. */
export type OverAccess = Pick<ReachableFiles, FileWay>;

/** A file of the host, as it is reached from here. */
export interface OverFile {
  readonly way: FileWay;
  /** Path on this machine, or a UNC path. */
  readonly place: string;
  /** Its folder, in the same form. */
  readonly folder: string;
  readonly access: FileAccess;
}

/** Returns how a file of the host is reached. Throws `path.*`. */
export async function overFile(
  hostPath: string,
  files: OverAccess,
  signal: AbortSignal,
): Promise<OverFile> {
  const way = await wayTo(hostPath, files, signal);
  const reached: HostFiles = files[way];
  const place = await reached.pathOf(hostPath, signal);
  const folder = pathsOf(reached.access.flavour).dirname(place);
  return { way, place, folder, access: reached.access };
}

/** Opens an image with its parents: those that it names, or on a file server those that are listed. */
export function openOver(
  { way, place, access }: Pick<OverFile, 'way' | 'place' | 'access'>,
  parents: readonly string[],
  signal: AbortSignal,
): Promise<OpenedDisk> {
  return way === 'mapped'
    ? openDisk(place, {}, signal)
    : openListed([place, ...parents], { open: access.open.bind(access) }, signal);
}

/** Whether this machine reaches the folders of files of the host. */
export async function reachesAll(
  hostPaths: readonly string[],
  files: OverAccess,
  signal: AbortSignal,
): Promise<boolean> {
  for (const each of hostPaths) {
    try {
      // A file that is missing in a folder that is mapped and not mounted may be on the host.
      const way = await wayTo(each, files, signal);
      if (way === 'mapped' && !(await files.mapped.reaches(each, signal))) return false;
    } catch (error) {
      if (!isEngineError(error, 'path.unmapped')) throw error;
      return false;
    }
  }
  return true;
}

/**
 * Removes files of a restore that the VM does not have, and what it staged beside them.
 * @param id of the restore in the ledger
 */
export async function removeHostFiles(
  paths: readonly string[],
  id: string,
  files: OverAccess,
  signal: AbortSignal,
): Promise<void> {
  for (const each of paths) {
    const { way, place, folder, access } = await overFile(each, files, signal);
    // Hyper-V keeps what it tracks of a disk beside it.
    for (const ending of ['', ...TRACKING_ENDINGS]) {
      const file = `${place}${ending}`;
      if (way === 'remote') await access.remove(file, signal);
      else
        await fs.rm(file, { force: true }).catch((error: unknown) => {
          throw fileError(error, 'remove', file);
        });
    }
    if (way === 'remote') await access.remove(stagingOf(folder, id), signal);
    else await removeAbandoned(folder, noProgress, signal).catch(() => undefined);
  }
}
