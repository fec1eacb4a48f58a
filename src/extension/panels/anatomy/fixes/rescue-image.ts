import path from 'node:path';
import * as vscode from 'vscode';
import { requests } from '../../../../engine/api/methods.ts';
import { sayInfo, sayWarning, withNotification } from '../../../ask/messages.ts';
import { ANATOMY_EDITOR } from '../../../contributions/view-types.ts';
import type { Engine } from '../../../engine/engine.ts';
import { newFileBeside } from '../../../settings/save-folder.ts';
import { formatBytes } from '../../../words/format.ts';

const { t } = vscode.l10n;

/**
 * Copies what can be read of a damaged image and its parents into a new image, and opens it. The image does not change. Returns
 * whether a copy was made.
 */
export async function rescueImage(
  { engine }: { readonly engine: Engine },
  image: vscode.Uri,
): Promise<boolean> {
  if (!vscode.workspace.isTrusted) {
    void sayWarning(t('This window is in Restricted Mode.'));
    return false;
  }
  const { name, base } = path.posix.parse(image.path);
  const target = await vscode.window.showSaveDialog({
    title: t('Copy of What Can Be Read of {0}', base),
    saveLabel: t('Rescue'),
    defaultUri: newFileBeside(image, `${name}.rescued.vhdx`),
    filters: { [t('Disk images')]: ['vhdx', 'vhd', 'qcow2', 'img', 'raw'] },
  });
  if (target === undefined) return false;
  // The dialog has asked whether an existing file is replaced.
  const params = { path: image.fsPath, to: target.fsPath, replace: true };
  const { lost, lostBytes } = await withNotification(
    t('Rescue of {0}', base),
    true,
    (report, token) =>
      engine.requestWithProgress(requests.rescueImage, params, progressOf(report), token),
  );
  await vscode.commands.executeCommand('vscode.openWith', target, ANATOMY_EDITOR);
  const copy = path.posix.basename(target.path);
  if (lostBytes === 0) {
    void sayInfo(t('{0} holds the whole disk: nothing was lost.', copy));
    return true;
  }
  const bytes = formatBytes(lostBytes);
  void sayWarning(
    lost.length === 1
      ? t('{0} holds what could be read. 1 range of {1} is lost and reads as zeros.', copy, bytes)
      : t(
          '{0} holds what could be read. {1} ranges, {2} in all, are lost and read as zeros.',
          copy,
          lost.length,
          bytes,
        ),
  );
  return true;
}

type Told = (progress: {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}) => void;

/** Returns a listener that moves the notification's bar. */
function progressOf(report: (message: string, increment?: number) => void): Told {
  let shown = 0;
  return ({ phase, done, total }) => {
    const percent = total === 0 ? 0 : Math.floor((100 * done) / total);
    report(phase, Math.max(0, percent - shown));
    shown = Math.max(shown, percent);
  };
}
