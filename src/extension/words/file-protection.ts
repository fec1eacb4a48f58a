import * as vscode from 'vscode';
import type { SmbTest } from '../../engine/api/host.ts';

const { t } = vscode.l10n;

/** Protection of the messages of a file server when it was last used. */
export type FileProtection = Pick<SmbTest, 'server' | 'dialect' | 'cipher' | 'signing' | 'sealed'>;

/** Dialect, cipher and signing in one line. */
export function protectionText({ dialect, cipher, signing, sealed }: FileProtection): string {
  return `SMB ${dialect}, ${encryptionText({ cipher, sealed })}, ${t('signing with {0}', signing)}`;
}

/** Says whether messages are encrypted, and with which cipher. */
export function encryptionText({ cipher, sealed }: Pick<SmbTest, 'cipher' | 'sealed'>): string {
  if (cipher === null) return t('not encrypted: the server cannot');
  return sealed ? t('encrypted with {0}', cipher) : t('not encrypted ({0} is possible)', cipher);
}
