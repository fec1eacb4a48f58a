import * as vscode from 'vscode';

/** Returns the problem with a folder on a host, or undefined. Hosts run Windows, whatever this machine runs. */
export function hostPathProblem(text: string): string | undefined {
  const trimmed = text.trim();
  if (/["<>|?*\p{Cc}]/u.test(trimmed))
    return vscode.l10n.t('No Windows path holds such a character');
  return /^(?:[a-z]:\\|\\\\[^\\]+\\[^\\])/i.test(trimmed)
    ? undefined
    : vscode.l10n.t('A Windows path such as D:\\Exports is needed');
}
