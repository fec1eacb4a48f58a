import { baseError } from './base-errors.ts';

/** A GUID in the engine's only spelling: lower case, hyphens, no braces. */
export type Guid = string & { readonly guid: unique symbol };

const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const NIL_GUID = '00000000-0000-0000-0000-000000000000' as Guid;

/** Parses a GUID in any case, with or without braces. Throws `guid.syntax`. */
export function parseGuid(text: string): Guid {
  const guid = tryParseGuid(text);
  if (guid === undefined) {
    throw baseError('guid.syntax', `“${text.slice(0, 60)}” is not a GUID`, {
      data: { found: text.slice(0, 60) },
    });
  }
  return guid;
}

export function tryParseGuid(text: string): Guid | undefined {
  const bare = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
  const lower = bare.toLowerCase();
  return SHAPE.test(lower) ? (lower as Guid) : undefined;
}

/**
 * Decodes the 16 bytes of a GUID: the first three fields are little-endian, the last eight bytes
 * are in order (MS-DTYP 2.3.4.2).
 */
export function guidFromBytes(bytes: Uint8Array): Guid {
  const hex = (i: number): string => (bytes[i] ?? 0).toString(16).padStart(2, '0');
  const order = [3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15];
  return order.map((i) => (i < 0 ? '-' : hex(i))).join('') as Guid;
}

/** Encodes a GUID as 16 bytes, the inverse of {@link guidFromBytes}. */
export function guidToBytes(guid: Guid): Uint8Array {
  const hex = guid.replaceAll('-', '');
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return Uint8Array.from(order, (i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));
}

/** Creates a random GUID (version 4). */
export function newGuid(): Guid {
  return globalThis.crypto.randomUUID() as string as Guid;
}
