/**
 * Files of a restore with the Hyper-V writer. Each is written and verified in a folder beside its
 * place; what had its name stays beside it until the VM is registered. Paths are those of the host.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { removeTree } from '../../../source/folders/folder.ts';
import { fileError, systemCode } from '../../../source/platform/file-errors.ts';
import type { HostFiles } from '../../host/host-files.ts';
import type { OwnWriterRestore } from '../../ledger/own-writers.ts';
import { TRACKING_ENDINGS } from '../tracking-endings.ts';

type Places = Pick<OwnWriterRestore, 'disks' | 'config'>;

const STAGING = 'refpoint-restore';
/** Ending of a replaced file, until the VM is registered. */
const OLD = '.refpoint-old';

/** Returns the folder in which a disk is written: the at-th one of the restore. */
export const diskStaging = (target: string, at: number): string =>
  path.win32.join(path.win32.dirname(target), `${STAGING}-${at}`);

/** Returns the folder in which a file of the configuration is written. */
export const configStaging = (target: string): string =>
  path.win32.join(path.win32.dirname(target), `${STAGING}-config`);

/** State of the files of a restore. `none`: the host has neither them nor what they replace. */
type Placed = 'staged' | 'placed' | 'mixed' | 'none';

/** Looks which files have their names, and which are still in the folders beside them. */
export async function placedNow(
  own: Places,
  files: HostFiles,
  signal: AbortSignal,
): Promise<Placed> {
  const targets = [...own.disks, ...own.config];
  const here = async (each: string): Promise<boolean> =>
    (await kindOf(await files.pathOf(each, signal))) !== undefined;
  let [staged, replaced, there] = [0, 0, 0];
  for (const [at, target] of targets.entries()) {
    const local = await files.pathOf(stagingAt(own, at), signal);
    if (await holds(local, at < own.disks.length ? undefined : path.win32.basename(target))) {
      staged++;
    }
    if (await here(target)) there++;
    if (await here(`${target}${OLD}`)) replaced++;
  }
  if (staged + replaced + there === 0) return 'none';
  if (staged === 0) return 'placed';
  return staged === targets.length && replaced === 0 ? 'staged' : 'mixed';
}

/**
 * Gives a file its name. What had it stays beside it, with what Hyper-V tracked of it; of an earlier try, that is the
 * VM's own.
 */
export async function placeFile(from: string, to: string): Promise<void> {
  try {
    // First, so that no other disk ever lies beside them.
    for (const ending of TRACKING_ENDINGS) {
      if (!(await putAside(`${to}${ending}`))) await fs.rm(`${to}${ending}`);
    }
    await putAside(to);
    await fs.rename(from, to);
  } catch (error) {
    throw fileError(error, 'rename', from);
  }
}

/** Renames a file that is replaced. Returns false if an earlier try has done that: this one is its own. */
async function putAside(file: string): Promise<boolean> {
  if ((await kindOf(file)) === undefined) return true;
  if ((await kindOf(`${file}${OLD}`)) !== undefined) return false;
  await fs.rename(file, `${file}${OLD}`);
  return true;
}

/** Removes the folders in which the files were written, with what is in them. */
export async function removeStaging(
  own: Places,
  files: HostFiles,
  signal: AbortSignal,
): Promise<void> {
  const folders = [...own.disks, ...own.config].map((_, at) => stagingAt(own, at));
  for (const each of new Set(folders)) await removeTree(await files.pathOf(each, signal));
}

/** Removes the files that were replaced. */
export async function removeReplaced(
  own: Places,
  files: HostFiles,
  signal: AbortSignal,
): Promise<void> {
  for (const each of [...own.disks, ...own.config]) {
    for (const ending of ['', ...TRACKING_ENDINGS]) {
      await removeTree(await files.pathOf(`${each}${ending}${OLD}`, signal));
    }
  }
}

const stagingAt = ({ disks, config }: Places, at: number): string => {
  const disk = disks[at];
  return disk === undefined
    ? configStaging(config[at - disks.length] ?? '')
    : diskStaging(disk, at);
};

/** Whether a folder holds a finished file. @param name undefined: any, since a restore names its own */
async function holds(folder: string, name: string | undefined): Promise<boolean> {
  if (name !== undefined) return (await kindOf(path.join(folder, name))) === 'file';
  try {
    const entries = await fs.readdir(folder, { withFileTypes: true });
    return entries.some((each) => each.isFile());
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw fileError(error, 'list', folder);
  }
}

async function kindOf(file: string): Promise<'file' | 'other' | undefined> {
  try {
    return (await fs.lstat(file)).isFile() ? 'file' : 'other';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(error, 'read', file);
  }
}
