import type { Buffer } from 'node:buffer';
import { DerReader, TAG } from './der-reader.ts';

/**
 * Returns the mechanism that a first token of GSS-API names (RFC 2743 3.1); undefined if it is not
 * such a token. Throws `http.auth.token` if it is malformed.
 */
export function mechanismOfToken(token: Buffer): string | undefined {
  if (token[0] !== TAG.application) return undefined;
  return new DerReader(token, 'GSS-API token').inside(TAG.application).oid();
}
