import path from 'node:path';
import * as vscode from 'vscode';
import { requests } from '../../../../engine/api/methods.ts';
import { confirm, sayInfo, sayWarning, withNotification } from '../../../ask/messages.ts';
import type { Engine } from '../../../engine/engine.ts';

const { t } = vscode.l10n;

/**
 * Lets an image name another parent: asks for the file, says what will change, and changes the link.
 * Returns whether it was changed.
 */
export async function rebaseImage(
  { engine }: { readonly engine: Engine },
  image: vscode.Uri,
): Promise<boolean> {
  if (!vscode.workspace.isTrusted) {
    void sayWarning(t('This window is in Restricted Mode.'));
    return false;
  }
  const name = path.posix.basename(image.path);
  const chosen = await vscode.window.showOpenDialog({
    title: t('Parent of {0}', name),
    defaultUri: vscode.Uri.joinPath(image, '..'),
  });
  const [parent] = chosen ?? [];
  if (parent === undefined) return false;
  const lines = [
    t('Parent: {0}', parent.fsPath),
    t('Only the link to the parent changes, in place.'),
    t(
      'Refpoint first checks that the disk reads the same over this parent, and refuses otherwise.',
    ),
  ];
  if (!(await confirm(t('Change the parent of {0}?', name), lines, t('Change Parent'))))
    return false;
  const params = { path: image.fsPath, parent: parent.fsPath };
  const { proof } = await withNotification(t('Parent of {0}', name), true, (report, token) =>
    engine.requestWithProgress(requests.rebaseImage, params, ({ phase }) => report(phase), token),
  );
  void sayInfo(
    proof === 'identity'
      ? t('{0} names its parent again: the identity is the recorded one.', name)
      : t('{0} names another parent: the contents are equal.', name),
  );
  return true;
}
