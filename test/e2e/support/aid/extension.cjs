// An extension of the end-to-end tests. It shows commands that exist on Windows only, so that pictures can be taken of them on Linux.
// The extension that ships has no such switch: context keys belong to the window, and any extension may set them.
const fs = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand('refpointTests.asOnWindows', asOnWindows),
    vscode.commands.registerCommand('refpointTests.queryChanges', queryChanges),
  );
};

async function asOnWindows() {
  for (const key of ['refpoint.onWindows', 'refpoint.hyperVHere']) {
    await vscode.commands.executeCommand('setContext', key, true);
  }
}

/** The command looks at the system when it begins; the engine answers for the real one. */
function queryChanges() {
  const [store] = vscode.workspace.getConfiguration('refpoint').get('stores');
  const images = fs
    .readdirSync(store, { recursive: true })
    .filter((name) => name.endsWith('.avhdx'));
  const image = vscode.Uri.file(
    path.join(store, images.toSorted((a, b) => a.localeCompare(b)).at(-1)),
  );
  const real = Object.getOwnPropertyDescriptor(process, 'platform');
  Object.defineProperty(process, 'platform', { ...real, value: 'win32' });
  setTimeout(() => Object.defineProperty(process, 'platform', real), 200);
  void vscode.commands.executeCommand('refpoint.queryDiskChanges', image);
}
