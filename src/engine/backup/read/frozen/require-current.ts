/**
 * Proves that the files behind the path map are the ones that the VM uses. After a storage
 * migration, the old share often stays mounted with a complete copy of the disks: right ID, right
 * size, yesterday's data. A checkpoint has just created a new file for each disk, so the folder
 * must list it. The file is looked up by name only, since a running VM locks it.
 */
import path from 'node:path';
import { delay } from '../../../base/abort.ts';
import { isEngineError } from '../../../base/errors.ts';
import { openImage } from '../../../disk/chain/open-as.ts';
import type { DiskImage } from '../../../disk/image/image.ts';
import { foldedName } from '../../../source/files/folder-entries.ts';
import { pathsOf } from '../../../source/platform/path-flavour.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { ActiveDisk, HostDisk } from '../../host/host.ts';
import type { HostFiles } from '../../host/host-files.ts';

/**
 * Pauses between looks, in milliseconds: the client of a share may show an old listing for some
 * seconds.
 */
const PAUSES: readonly number[] = [250, 500, 1000, 2000, 4000];

export interface CurrentCheck {
  /** The VM's disks after the checkpoint was made. */
  readonly active: readonly ActiveDisk[];
  readonly files: HostFiles;
  /** Replaces the pauses between looks in tests. */
  readonly pauses?: readonly number[] | undefined;
}

/**
 * Throws `path.stale` if the frozen file is not the parent of the file that the VM writes to now.
 * Runs before any data is read.
 */
export async function requireCurrent(
  frozen: HostDisk,
  { active, files, pauses = PAUSES }: CurrentCheck,
  signal: AbortSignal,
): Promise<void> {
  const place = await files.pathOf(frozen.path, signal);
  const now = active.find(({ slot }) => slot === frozen.slot);
  const stale = (problem: string): Error =>
    backupError(
      'path.stale',
      `${place} is not the disk that the VM uses: ${problem}. The path map may lead to an old copy, for example after a storage migration`,
      { data: { path: place, host: frozen.path, active: now?.path ?? null } },
    );
  if (now === undefined) throw stale(`the VM no longer has a disk at ${frozen.slot}`);
  if (sameHostPath(now.path, frozen.path)) {
    throw stale('the VM still writes to it although the checkpoint should have frozen it');
  }
  const file = await activeFile(frozen.path, now.path, place, files, signal);
  const listed = await look(file, files, pauses, signal);
  if (listed === undefined) throw stale(`the active file ${now.path} is not beside it`);
  // A server shows no old copy of its own folder, and a running VM's file is not opened there.
  if (files.followsNames && !(await linksTo(listed, place, files, signal))) {
    throw stale(`the active file ${now.path} has another parent`);
  }
}

/**
 * Returns the path of the active file: beside the frozen one if it is so on the host, under the same
 * map.
 */
async function activeFile(
  frozen: string,
  active: string,
  place: string,
  files: HostFiles,
  signal: AbortSignal,
): Promise<string> {
  const one = path.win32.parse(active.replaceAll('/', '\\'));
  const other = path.win32.parse(frozen.replaceAll('/', '\\'));
  if (!sameHostPath(one.dir, other.dir)) return files.pathOf(active, signal);
  const paths = pathsOf(files.access.flavour);
  return paths.join(paths.dirname(place), one.base);
}

const sameHostPath = (a: string, b: string): boolean =>
  a.replaceAll('/', '\\').toLowerCase() === b.replaceAll('/', '\\').toLowerCase();

async function look(
  file: string,
  files: HostFiles,
  pauses: readonly number[],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const pause of [...pauses, undefined]) {
    const found = await listed(file, files, signal);
    if (found !== undefined || pause === undefined) return found;
    await delay(pause, signal);
  }
  return undefined;
}

/**
 * Finds the file in its folder's listing: by its exact name, or else without regard to case and
 * Unicode form, as on the host.
 */
async function listed(
  file: string,
  files: HostFiles,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { access } = files;
  const paths = pathsOf(access.flavour);
  if ((await orNothing(access.stat(file, signal), files, signal)) !== undefined) return file;
  const folder = paths.dirname(file);
  const wanted = foldedName(paths.basename(file));
  const entries = (await orNothing(access.list(folder, signal), files, signal)) ?? [];
  const name = entries.find((each) => foldedName(each.name) === wanted)?.name;
  return name === undefined ? undefined : paths.join(folder, name);
}

/** Treats what a mounted folder does not show as absent. A file server says what is the matter. */
async function orNothing<T>(
  work: Promise<T>,
  { followsNames }: HostFiles,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    signal.throwIfAborted();
    if (!followsNames || !isEngineError(error)) throw error;
    return undefined;
  }
}

/**
 * Whether the active file names the frozen one as its parent; true if it cannot be opened or read
 * while the VM writes to it.
 */
async function linksTo(
  active: string,
  frozen: string,
  { access }: HostFiles,
  signal: AbortSignal,
): Promise<boolean> {
  const open = access.open.bind(access);
  let child: DiskImage;
  try {
    child = await openImage(active, signal, { open });
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return true;
  }
  await child.close();
  if (child.parent === undefined) return false;
  const image = await openImage(frozen, signal, { open });
  await image.close();
  return child.parent.mismatch(image) === undefined;
}
