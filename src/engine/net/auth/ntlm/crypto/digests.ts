import type { Buffer } from 'node:buffer';
import { createHash, createHmac } from 'node:crypto';

/** Returns the MD5 digest of the parts in sequence. */
export function md5(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Returns the HMAC-MD5 of the parts in sequence. */
export function hmacMd5(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const hmac = createHmac('md5', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}
