import * as vscode from 'vscode';
import type { ParentCandidate } from '../../../engine/api/anatomy.ts';
import { ANATOMY_EDITOR } from '../../contributions/view-types.ts';
import { inertText } from '../../words/inert-text.ts';
import { parentTarget } from './parent-target.ts';

const { t } = vscode.l10n;

/**
 * Opens a parent in an editor of its own. One outside the folder, and outside the store of a point's image, only after a question that names it, and never in a window without
 * trust: on Windows, opening a path of another machine logs in there. Says whether it was opened.
 */
export async function openParent(
  parent: ParentCandidate,
  file: vscode.Uri,
  platform: NodeJS.Platform,
): Promise<boolean> {
  const target = parentTarget(parent, file.fsPath, platform);
  if (target.kind === 'found') return open(vscode.Uri.file(target.path));
  if (!vscode.workspace.isTrusted) return refuseWithoutTrust(parent);
  if (target.kind === 'ask') {
    const go = t('Open Parent');
    const detail = target.remote
      ? t('It lies on another computer. Opening it logs in there with your account.')
      : t('It lies outside the folder of this file.');
    const question = t('Open {0}?', inertText(target.path));
    const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, go);
    return answer === go && open(vscode.Uri.file(target.path));
  }
  const message =
    target.kind === 'foreign'
      ? t('{0} is a path of Windows and leads nowhere on this computer.', inertText(parent.text))
      : target.inStore
        ? t('{0} was not found in this store.', inertText(parent.text))
        : t('{0} was not found in the folder of this file.', inertText(parent.text));
  const choose = t('Choose File…');
  if ((await vscode.window.showWarningMessage(message, choose)) !== choose) return false;
  const [chosen] = (await vscode.window.showOpenDialog({ title: t('Parent of This Disk') })) ?? [];
  return chosen !== undefined && open(chosen);
}

async function open(file: vscode.Uri): Promise<boolean> {
  await vscode.commands.executeCommand('vscode.openWith', file, ANATOMY_EDITOR);
  return true;
}

async function refuseWithoutTrust({ text }: ParentCandidate): Promise<boolean> {
  const message = t('{0} is not opened: this window is in Restricted Mode.', inertText(text));
  const manage = t('Manage Workspace Trust');
  if ((await vscode.window.showWarningMessage(message, manage)) === manage) {
    await vscode.commands.executeCommand('workbench.trust.manage');
  }
  return false;
}
