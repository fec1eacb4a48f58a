import * as vscode from 'vscode';

/** Writers write many times in a row. */
const REST_MS = 300;

/** Calls back when a file was written, replaced or removed, once it rests. */
export function watchFile(file: vscode.Uri, changed: () => void): vscode.Disposable {
  const folder = vscode.Uri.joinPath(file, '..');
  // Not the name itself: it may hold characters that mean something in a pattern.
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '*'));
  const own = file.path.toLowerCase();
  let resting: NodeJS.Timeout | undefined;
  const look = (uri: vscode.Uri): void => {
    if (uri.path.toLowerCase() !== own) return;
    // The first of many counts, so that one that never rests is still told of.
    resting ??= setTimeout(() => {
      resting = undefined;
      changed();
    }, REST_MS);
  };
  return vscode.Disposable.from(
    watcher,
    watcher.onDidChange(look),
    watcher.onDidCreate(look),
    watcher.onDidDelete(look),
    new vscode.Disposable(() => clearTimeout(resting)),
  );
}
