import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { CopiedFiles, GuestCopyRequest } from '../../../engine/api/guest/guest-files.ts';
import { requests } from '../../../engine/api/methods.ts';
import { sayInfo, sayWarning, withNotification } from '../../ask/messages.ts';
import type { Services } from '../../services/services.ts';
import { formatBytes } from '../../words/format.ts';

const { t } = vscode.l10n;

/** Skipped files that a message names. */
const NAMED = 3;

/**
 * Asks for a folder, copies files of a guest into it, and says what was copied and what was not.
 * Returns whether a folder was chosen.
 */
export async function copyFilesTo(
  { engine }: Pick<Services, 'engine'>,
  request: Omit<GuestCopyRequest, 'to'>,
): Promise<boolean> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: t('Copy {0} To', request.paths.join(', ')),
      openLabel: t('Copy'),
      canSelectFiles: false,
      canSelectFolders: true,
      // Without it the folder of the editor in front, which may lie in a store.
      defaultUri: vscode.Uri.file(homedir()),
    })) ?? [];
  if (folder === undefined) return false;
  const params = { ...request, to: folder.fsPath };
  const copied = await withNotification(t('Copying files'), true, (report, token) =>
    engine.requestWithProgress(
      requests.copyGuestFiles,
      params,
      ({ done }) => report(formatBytes(done)),
      token,
    ),
  );
  void tell(copied, folder);
  return true;
}

async function tell(copied: CopiedFiles, folder: vscode.Uri): Promise<void> {
  const { files, folders, bytes, renamed, skipped, skippedCount } = copied;
  const size = formatBytes(bytes);
  const text = t('Copied {0} files ({1}) and {2} folders to {3}.', files, size, folders, copied.to);
  const show = t('Show in File Explorer');
  const first = skipped.slice(0, NAMED).map(({ message }) => message);
  const more = [
    renamed.length === 0 ? '' : t('{0} were renamed.', renamed.length),
    skippedCount === 0 ? '' : t('{0} were not copied: {1}', skippedCount, first.join('; ')),
  ];
  const whole = [text, ...more].filter(Boolean).join(' ');
  const pressed = await (skippedCount === 0 ? sayInfo(whole, show) : sayWarning(whole, show));
  if (pressed === show) await vscode.commands.executeCommand('revealFileInOS', folder);
}
