import * as vscode from 'vscode';
import { sayInfo } from '../../ask/messages.ts';

const { t } = vscode.l10n;

/** Whether the engine runs on Windows. Elsewhere says why the command does nothing. */
export function isOnWindows(what: string): boolean {
  if (process.platform === 'win32') return true;
  void sayInfo(
    t("{0} needs Windows' virtual disk API: open this folder in a window on Windows.", what),
  );
  return false;
}
