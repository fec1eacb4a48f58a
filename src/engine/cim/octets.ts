import { cimError } from './cim-errors.ts';

/**
 * Decodes an array of uint8, which hosts send in two forms: repeated numbers, or all bytes as one
 * base64 text. Throws `wsman.value` with the name `where` for anything else.
 */
export function octetsOf(texts: readonly string[], where: string): Uint8Array {
  const [only] = texts;
  if (texts.every((text) => /^\d{1,3}$/.test(text) && Number(text) <= 255)) {
    return Uint8Array.from(texts, Number);
  }
  const base64 = only?.replace(/\s+/g, '') ?? '';
  if (texts.length === 1 && base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  }
  throw cimError('wsman.value', `${where}: expected bytes as numbers or base64`, {
    data: { where, expected: 'uint8[]', found: (only ?? '').slice(0, 60) },
  });
}
