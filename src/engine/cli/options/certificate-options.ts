import fs from 'node:fs/promises';
import type { HostTarget } from '../../api/host.ts';
import { normaliseFingerprint } from '../../net/auth/tls/tls.ts';
import { usage } from '../contract/cli-errors.ts';
import type { Context } from '../contract/command.ts';
import { localPath } from './option-values.ts';

/** Hexadecimal digits of SHA-256, and of SHA-1, which Windows shows as the thumbprint. */
const [SHA256, SHA1] = [64, 40];

/** Returns which certificates of the host are trusted. Throws `usage`. */
export async function trustOf(context: Context): Promise<Pick<HostTarget, 'ca' | 'fingerprint'>> {
  const { options } = context;
  const file = options.text('ca');
  const fingerprint = options.text('tls-fingerprint');
  if (fingerprint !== undefined) checkFingerprint(fingerprint);
  return {
    fingerprint: fingerprint ?? null,
    ca: file === undefined ? null : await readAuthority(localPath(context, file)),
  };
}

function checkFingerprint(text: string): void {
  const digits = normaliseFingerprint(text);
  if (/^[0-9a-f]*$/.test(digits) && digits.length === SHA256) return;
  const sha1 = digits.length === SHA1 ? ': this is a SHA-1 thumbprint' : '';
  throw usage(
    `Invalid value “${text}” of --tls-fingerprint: expected the ${SHA256} hexadecimal digits of a SHA-256, found ${digits.length} characters${sha1}`,
  );
}

async function readAuthority(file: string): Promise<string> {
  const text = await fs.readFile(file, 'utf8').catch((error: unknown) => {
    throw usage(`The file of --ca cannot be read: ${(error as Error).message}`);
  });
  if (/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(text)) return text;
  throw usage(`${file} of --ca has no certificate: expected PEM, “-----BEGIN CERTIFICATE-----”`);
}
