import { createPrivateKey, X509Certificate } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../../source/files/atomic-file.ts';
import { fileError } from '../../source/platform/file-errors.ts';

export interface LabCertificate {
  /** PEM of the self-signed certificate. */
  readonly certificate: string;
  readonly key: string;
  readonly caFile: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
}

const CERTIFICATE_FILE = 'lab-certificate.pem';
const KEY_FILE = 'lab-key.pem';
const YEARS = 10;

/**
 * Returns the lab's certificate from its folder, created once: ECDSA P-256, for this machine's
 * loopback names.
 */
export async function labCertificate(
  folder: string,
  machineName: string,
  signal: AbortSignal,
): Promise<LabCertificate> {
  const caFile = path.join(folder, CERTIFICATE_FILE);
  const keyFile = path.join(folder, KEY_FILE);
  const kept = await readBoth(caFile, keyFile);
  if (kept !== undefined) return { ...kept, caFile, fingerprint: fingerprintOf(kept.certificate) };
  const made = await makeCertificate(machineName);
  // Must never be readable by others, even briefly. On Windows the folder's permissions decide. A
  // key that was not written completely does not match and is created again.
  await fs.rm(keyFile, { force: true });
  await fs.writeFile(keyFile, made.key, { mode: 0o600, flag: 'wx' });
  await replaceFile(caFile, new TextEncoder().encode(made.certificate), signal);
  return { ...made, caFile, fingerprint: fingerprintOf(made.certificate) };
}

/** Returns the stored pair; undefined if it is missing, or clients would no longer accept it. */
async function readBoth(
  caFile: string,
  keyFile: string,
): Promise<{ certificate: string; key: string } | undefined> {
  const [certificate, key] = [await readText(caFile), await readText(keyFile)];
  if (certificate === undefined || key === undefined) return undefined;
  try {
    const parsed = new X509Certificate(certificate);
    const valid = Date.parse(parsed.validTo) > Date.now();
    return valid && parsed.checkPrivateKey(createPrivateKey(key))
      ? { certificate, key }
      : undefined;
  } catch {
    // Damaged: create a new one, with a new fingerprint.
    return undefined;
  }
}

/**
 * Returns undefined if the file does not exist. Throws on any other failure, so that the
 * certificate is not replaced.
 */
async function readText(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError(error, 'read', file);
  }
}

async function makeCertificate(machineName: string): Promise<{ certificate: string; key: string }> {
  const { selfSigned } = await import('./x509.ts');
  const notBefore = new Date(Date.now() - 24 * 3600 * 1000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + YEARS);
  return selfSigned({
    commonName: machineName,
    organization: 'Refpoint Lab',
    notBefore,
    notAfter,
    dnsNames: ['localhost', machineName.toLowerCase()],
    addresses: ['127.0.0.1', '::1'],
  });
}

function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}
