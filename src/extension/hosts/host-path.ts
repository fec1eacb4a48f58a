import * as vscode from 'vscode';

/** What is wrong with a folder on a host, or undefined: hosts are Windows, wherever this runs. */
export function hostPathProblem(text: string): string | undefined {
  const trimmed = text.trim();
  if (/["<>|?*\p{Cc}]/u.test(trimmed))
    return vscode.l10n.t('No Windows path holds such a character');
  return /^(?:[a-z]:\\|\\\\[^\\]+\\[^\\])/i.test(trimmed)
    ? undefined
    : vscode.l10n.t('A Windows path such as D:\\Exports is needed');
}
