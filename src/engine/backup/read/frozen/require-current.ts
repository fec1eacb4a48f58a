/**
 * Proves that the files behind the path map are the ones that the VM uses. After a storage
 * migration, the old share often stays mounted with a complete copy of the disks: right ID, right
 * size, yesterday's data. A checkpoint has just created a new file for each disk, so the folder
 * must list it. The file is looked up by name only, since a running VM locks it.
 */
import type { PathMapping } from '../../../api/host.ts';
import fs from 'node:fs/promises';
import path from 'node:path';
import { delay } from '../../../base/abort.ts';
import { isEngineError } from '../../../base/errors.ts';
import { openImage } from '../../../disk/chain/open-as.ts';
import type { DiskImage } from '../../../disk/image/image.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { ActiveDisk, HostDisk } from '../../host/host.ts';
import { toLocalPath } from '../../host/path-map.ts';

/**
 * Pauses between looks, in milliseconds: the client of a share may show an old listing for some
 * seconds.
 */
const PAUSES: readonly number[] = [250, 500, 1000, 2000, 4000];

export interface CurrentCheck {
  /** The VM's disks after the checkpoint was made. */
  readonly active: readonly ActiveDisk[];
  readonly pathMap: readonly PathMapping[];
  /** Replaces the pauses between looks in tests. */
  readonly pauses?: readonly number[] | undefined;
}

/**
 * Throws `path.stale` if the frozen file is not the parent of the file that the VM writes to now.
 * Runs before any data is read.
 */
export async function requireCurrent(
  frozen: HostDisk,
  { active, pathMap, pauses = PAUSES }: CurrentCheck,
  signal: AbortSignal,
): Promise<void> {
  const local = toLocalPath(frozen.path, pathMap);
  const now = active.find(({ slot }) => slot === frozen.slot);
  const stale = (problem: string): Error =>
    backupError(
      'path.stale',
      `${local} is not the disk that the VM uses: ${problem}. The path map may lead to an old copy, for example after a storage migration`,
      { data: { path: local, host: frozen.path, active: now?.path ?? null } },
    );
  if (now === undefined) throw stale(`the VM no longer has a disk at ${frozen.slot}`);
  if (sameHostPath(now.path, frozen.path)) {
    throw stale('the VM still writes to it although the checkpoint should have frozen it');
  }
  const file = activeFile(frozen.path, now.path, local, pathMap);
  const listed = await look(file, pauses, signal);
  if (listed === undefined) throw stale(`the active file ${now.path} is not beside it`);
  if (!(await linksTo(listed, local, signal))) {
    throw stale(`the active file ${now.path} has another parent`);
  }
}

/**
 * Returns the local path of the active file: beside the frozen one if it is so on the host, under
 * the same map.
 */
function activeFile(
  frozen: string,
  active: string,
  local: string,
  pathMap: readonly PathMapping[],
): string {
  const one = path.win32.parse(active.replaceAll('/', '\\'));
  const other = path.win32.parse(frozen.replaceAll('/', '\\'));
  return sameHostPath(one.dir, other.dir)
    ? path.join(path.dirname(local), one.base)
    : toLocalPath(active, pathMap);
}

const sameHostPath = (a: string, b: string): boolean =>
  a.replaceAll('/', '\\').toLowerCase() === b.replaceAll('/', '\\').toLowerCase();

async function look(
  file: string,
  pauses: readonly number[],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const pause of [...pauses, undefined]) {
    const found = await listed(file);
    if (found !== undefined || pause === undefined) return found;
    await delay(pause, signal);
  }
  return undefined;
}

/**
 * Finds the file in its folder's listing: by its exact name, or else without regard to case and
 * Unicode form, as on the host.
 */
async function listed(file: string): Promise<string | undefined> {
  try {
    await fs.lstat(file);
    return file;
  } catch {
    const folder = path.dirname(file);
    const wanted = normal(path.basename(file));
    const names = await fs.readdir(folder).catch(() => []);
    const name = names.find((each) => normal(each) === wanted);
    return name === undefined ? undefined : path.join(folder, name);
  }
}

const normal = (name: string): string => name.normalize('NFC').toLowerCase();

/**
 * Whether the active file names the frozen one as its parent; true if it cannot be opened or read
 * while the VM writes to it.
 */
async function linksTo(active: string, frozen: string, signal: AbortSignal): Promise<boolean> {
  let child: DiskImage;
  try {
    child = await openImage(active, signal);
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return true;
  }
  await child.close();
  if (child.parent === undefined) return false;
  const image = await openImage(frozen, signal);
  await image.close();
  return child.parent.mismatch(image) === undefined;
}
