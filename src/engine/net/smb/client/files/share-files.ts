import type { SmbTree } from '../session/smb-tree.ts';
import { closeFile, OPEN, openFile, type OpenFile } from './open-file.ts';

/** Facts of a file or a folder, without a handle. */
export type FileStatus = Omit<OpenFile, 'fileId'>;

/** Returns the facts of a file or folder, with the access that the account has at most. */
export async function statFile(
  tree: SmbTree,
  name: string,
  signal: AbortSignal,
): Promise<FileStatus> {
  const { fileId, ...status } = await openFile(tree, name, OPEN.attributes, signal);
  await closeFile(tree, fileId, signal);
  return status;
}

/** Removes a file or an empty folder; of a link the link itself. */
export async function removeFile(tree: SmbTree, name: string, signal: AbortSignal): Promise<void> {
  const { fileId } = await openFile(tree, name, OPEN.remove, signal);
  await closeFile(tree, fileId, signal);
}
