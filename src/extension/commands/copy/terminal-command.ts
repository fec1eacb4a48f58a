import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';

/**
 * Lets new terminals of this window find the command `refpoint`, which the extension carries: a folder with a small script for each
 * kind of shell goes in front of their PATH. Nothing outside the editor changes.
 */
export async function addCommandToTerminals(context: vscode.ExtensionContext): Promise<void> {
  const folder = path.join(context.globalStorageUri.fsPath, 'bin');
  const command = path.join(context.extensionPath, 'dist', 'cli.cjs');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of scripts(process.execPath, command)) {
    const file = path.join(folder, name);
    await writeFile(file, text);
    await chmod(file, 0o755);
  }
  const { environmentVariableCollection: terminals } = context;
  terminals.description = vscode.l10n.t('The command refpoint');
  terminals.prepend('PATH', `${folder}${path.delimiter}`);
}

/** Name and text of each script. The editor’s own program is Node when asked to be. */
function scripts(node: string, command: string): readonly (readonly [string, string])[] {
  const posix = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const windows = (text: string): string => `"${text.replaceAll('%', '%%')}"`;
  return process.platform === 'win32'
    ? [
        [
          'refpoint.cmd',
          `@echo off\r\nsetlocal\r\nset ELECTRON_RUN_AS_NODE=1\r\n${windows(node)} ${windows(command)} %*\r\n`,
        ],
      ]
    : [
        [
          'refpoint',
          `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec ${posix(node)} ${posix(command)} "$@"\n`,
        ],
      ];
}
