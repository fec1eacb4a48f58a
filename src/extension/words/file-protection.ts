import * as vscode from 'vscode';
import type { FileProtection } from '../../engine/api/host.ts';

const { t } = vscode.l10n;

/** Dialect, cipher and signing in one line. */
export function protectionText({ dialect, cipher, signing, sealed }: FileProtection): string {
  return `SMB ${dialect}, ${encryptionText({ cipher, sealed })}, ${t('signing with {0}', signing)}`;
}

/** Says whether messages are encrypted, and with which cipher. */
export function encryptionText({
  cipher,
  sealed,
}: Pick<FileProtection, 'cipher' | 'sealed'>): string {
  if (cipher === null) return t('not encrypted: the server cannot');
  return sealed ? t('encrypted with {0}', cipher) : t('not encrypted ({0} is possible)', cipher);
}

const SHARE_FLAGS: Readonly<Record<string, () => string>> = {
  dfs: () => t('a part of DFS'),
  dfsRoot: () => t('a root of DFS'),
  accessBasedEnumeration: () => t('lists only what the account may read'),
  encrypt: () => t('requires encryption'),
  continuousAvailability: () => t('continuously available'),
  scaleOut: () => t('scale-out'),
  cluster: () => t('of a cluster'),
  asymmetric: () => t('of one node at a time'),
};

/** Returns what a share demands or offers; the name of a flag that is not known. */
export const shareFlagText = (flag: string): string =>
  Object.hasOwn(SHARE_FLAGS, flag) ? (SHARE_FLAGS[flag]?.() ?? flag) : flag;
