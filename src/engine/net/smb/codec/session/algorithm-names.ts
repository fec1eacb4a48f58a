import { DIALECT } from '../protocol/constants.ts';
import { CIPHER, SIGNING } from './negotiate-contexts.ts';

const DIALECTS: ReadonlyMap<number, string> = new Map<number, string>([
  [DIALECT.smb202, '2.0.2'],
  [DIALECT.smb210, '2.1'],
  [DIALECT.smb300, '3.0'],
  [DIALECT.smb302, '3.0.2'],
  [DIALECT.smb311, '3.1.1'],
]);
const CIPHERS: ReadonlyMap<number, string> = new Map<number, string>([
  [CIPHER.aes128Ccm, 'AES-128-CCM'],
  [CIPHER.aes128Gcm, 'AES-128-GCM'],
  [CIPHER.aes256Ccm, 'AES-256-CCM'],
  [CIPHER.aes256Gcm, 'AES-256-GCM'],
]);
const SIGNINGS: ReadonlyMap<number, string> = new Map<number, string>([
  [SIGNING.hmacSha256, 'HMAC-SHA256'],
  [SIGNING.aesCmac, 'AES-128-CMAC'],
  [SIGNING.aesGmac, 'AES-128-GMAC'],
]);

/** Returns the name of a dialect for people: `3.1.1`; the number of an unknown one. */
export const dialectName = (dialect: number): string => DIALECTS.get(dialect) ?? String(dialect);

/** Returns the name of a cipher; undefined for none and for an unknown one. */
export const cipherName = (cipher: number): string | undefined => CIPHERS.get(cipher);

export const signingName = (signing: number): string => SIGNINGS.get(signing) ?? String(signing);
