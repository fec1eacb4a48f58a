import fs from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../source/platform/file-errors.ts';
import type { Lab } from '../model/lab.ts';
import type { LabShadow } from '../state/state.ts';
import { unmount } from './shadow-copies.ts';
import { shadowFolder } from './volumes.ts';
import { VSS, VssCallError } from './vss-fault.ts';

/** Folder of the host that stands for `C:\\` in remote shells; see `shell/windows-folder.ts`. */
const WINDOWS = 'windows';

/** Returns the host's path of a local folder below the lab's Windows. */
export function hostFolderOf(lab: Lab, local: string): string {
  const parts = path.relative(path.join(lab.folder, WINDOWS), local).split(path.sep);
  return ['C:', ...parts].join('\\');
}

/** Returns the local folder of a host path below `C:\\ProgramData`, or of a local path there. */
function localFolder(lab: Lab, folder: string): string | undefined {
  const root = path.join(lab.folder, WINDOWS);
  const own = /^[A-Za-z]:\\/.test(folder)
    ? path.join(root, ...folder.slice(3).split('\\'))
    : path.resolve(folder);
  return own.startsWith(path.join(root, 'ProgramData') + path.sep) ? own : undefined;
}

/**
 * Mounts a shadow copy in an empty folder, as `expose` does. On this computer the mount is a
 * symbolic link. Throws {@link VssCallError} if the folder is missing or not empty.
 */
export async function mountShadow(lab: Lab, shadow: LabShadow, folder: string): Promise<string> {
  const local = localFolder(lab, folder);
  if (local === undefined || shadow.persistent === false || shadow.mount !== undefined) {
    throw new VssCallError('expose', VSS.badState);
  }
  try {
    await fs.rmdir(local);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(error))) throw error;
    throw new VssCallError('expose', VSS.notFound);
  }
  await fs.symlink(shadowFolder(lab, shadow), local, 'junction');
  shadow.mount = local;
  await lab.save();
  return hostFolderOf(lab, local);
}

/** Removes the mount in a folder. Throws {@link VssCallError} if no copy is mounted there. */
export async function unmountFolder(lab: Lab, folder: string): Promise<void> {
  const local = localFolder(lab, folder);
  const shadow = (lab.state.shadows ?? []).find(({ mount }) => mount === local);
  if (local === undefined || shadow === undefined) throw new VssCallError('expose', VSS.notFound);
  await unmount(shadow);
  await lab.save();
}
