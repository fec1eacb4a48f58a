import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { readStores } from './stores.ts';

/**
 * Returns the folder that a dialog proposes for a new file: the first folder of the workspace that is not in a store, else the home folder. Without a
 * proposal the editor takes the folder of what was opened last, which is that of a point.
 */
export function folderOutsideStores(
  folders: readonly { readonly uri: vscode.Uri }[],
  stores: readonly string[] = readStores(),
): vscode.Uri {
  const outside = folders.find(
    ({ uri }) => uri.scheme !== 'file' || !stores.some((store) => contains(store, uri.fsPath)),
  );
  return outside?.uri ?? vscode.Uri.file(homedir());
}

/** Whether a path is a folder or lies in it. Case is not told apart: on Windows it is the same folder. */
function contains(folder: string, inner: string): boolean {
  const relative = path.relative(folder.toLowerCase(), inner.toLowerCase());
  return !relative.startsWith('..') && !path.isAbsolute(relative);
}

/** Returns a proposal for a new file made from another: beside it, but not inside a store. */
export function newFileBeside(file: vscode.Uri, name: string): vscode.Uri {
  const stored = readStores().some((store) => contains(store, file.fsPath));
  const folder = stored
    ? folderOutsideStores(vscode.workspace.workspaceFolders ?? [])
    : vscode.Uri.joinPath(file, '..');
  return vscode.Uri.joinPath(folder, name);
}
