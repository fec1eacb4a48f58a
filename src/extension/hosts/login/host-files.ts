import { open, readFile, stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { ownFailure } from '../../errors/own-failure.ts';
import type { HostSetting } from '../../settings/hosts.ts';
import { wayOf } from './login-ways.ts';

/** Files of certificates are small: what is larger is not one. In bytes. */
const LARGEST = 256 * 1024;

/** Reads the PEM file of an authority. Throws `view.caFile`. */
export async function readAuthority(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST) throw new Error(vscode.l10n.t('it is larger than a certificate'));
    return await readFile(file, 'utf8');
  } catch (error) {
    throw ownFailure('view.caFile', `${file}: ${(error as Error).message}`);
  }
}

/** Returns whether a host is logged in to with a password or passphrase, which the secret storage keeps. */
export async function needsSecret(host: HostSetting): Promise<boolean> {
  if (wayOf(host).secret === 'none') return false;
  if (host.authentication === 'certificate') return isEncrypted(host.keyFile ?? '');
  return host.user !== undefined;
}

/** Whether a PEM key has a passphrase. A file that cannot be read is reported by the engine, which needs it. */
async function isEncrypted(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'r');
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(LARGEST), 0, LARGEST, 0);
      return /^(?:-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED)/m.test(
        buffer.toString('latin1', 0, bytesRead),
      );
    } finally {
      await handle.close();
    }
  } catch {
    return false;
  }
}
