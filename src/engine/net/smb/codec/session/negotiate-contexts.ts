import { Buffer } from 'node:buffer';
import type { Sender } from '../../contract/smb-errors.ts';
import { alignTo8, written } from '../protocol/body.ts';
import { Fields, HEADER_BYTES } from '../protocol/fields.ts';

/*
 * Contexts of NEGOTIATE with SMB 3.1.1 (MS-SMB2 2.2.3.1, 2.2.4.1). Each starts at a multiple of eight:
 *   u16 type, u16 length, u32 reserved, data
 */

export const NEGOTIATE_CONTEXT = {
  preauth: 1,
  encryption: 2,
  compression: 3,
  netname: 5,
  transport: 6,
  rdma: 7,
  signing: 8,
} as const;

/** Only hash of the preauthentication integrity: SHA-512. */
export const HASH_SHA512 = 1;

/** Numbers of ciphers; 0 in an answer: no cipher in common. */
export const CIPHER = { none: 0, aes128Ccm: 1, aes128Gcm: 2, aes256Ccm: 3, aes256Gcm: 4 } as const;

/** Numbers of signing algorithms. */
export const SIGNING = { hmacSha256: 0, aesCmac: 1, aesGmac: 2 } as const;

const HEAD = 8;
const MAX_CONTEXTS = 32;
const MAX_IDS = 64;

export interface NegotiateContext {
  readonly type: number;
  readonly data: Buffer;
}

/** Preauthentication integrity: hashes in the order of preference, and a salt. */
export interface PreauthContext {
  readonly hashes: readonly number[];
  readonly salt: Buffer;
}

/** Returns the contexts as one part of a body, which begins at a multiple of eight. */
export function encodeContexts(contexts: readonly NegotiateContext[]): Buffer {
  const parts = contexts.map(({ type, data }, at) => {
    const last = at === contexts.length - 1;
    const length = HEAD + data.length;
    return written(last ? length : alignTo8(length), (to) =>
      to.u16(type).u16(data.length).u32(0).put(data),
    );
  });
  return Buffer.concat(parts);
}

/** Decodes `count` contexts at `offset` of a message. Throws the code of the sender. */
export function decodeContexts(
  message: Uint8Array,
  offset: number,
  count: number,
  sender: Sender,
): NegotiateContext[] {
  const fields = new Fields(message, 'NEGOTIATE contexts', sender, 0);
  if (count > MAX_CONTEXTS) throw fields.wrong(`${count} contexts, more than ${MAX_CONTEXTS}`);
  if (count === 0) return [];
  if (offset < HEADER_BYTES || offset % 8 !== 0) {
    throw fields.wrong(`they start at ${offset}, expected a multiple of 8 behind the header`);
  }
  fields.skip(offset);
  const contexts: NegotiateContext[] = [];
  for (let n = 0; n < count; n++) {
    if (n > 0) fields.skip(alignTo8(fields.position) - fields.position);
    const [type, length] = [fields.u16(), fields.u16()];
    contexts.push({ type, data: fields.skip(4).bytes(length) });
  }
  return contexts;
}

export function encodePreauth({ hashes, salt }: PreauthContext): Buffer {
  return written(4 + 2 * hashes.length + salt.length, (to) => {
    to.u16(hashes.length).u16(salt.length);
    for (const hash of hashes) to.u16(hash);
    to.put(salt);
  });
}

export function decodePreauth(data: Buffer, sender: Sender): PreauthContext {
  const fields = new Fields(data, 'PREAUTH_INTEGRITY context', sender, 0);
  const [count, saltLength] = [fields.u16(), fields.u16()];
  const hashes = readIds(fields, count);
  return { hashes, salt: fields.bytes(saltLength) };
}

/** Encodes the ciphers or the signing algorithms of a side, the preferred first. */
export function encodeIds(ids: readonly number[]): Buffer {
  return written(2 + 2 * ids.length, (to) => {
    to.u16(ids.length);
    for (const id of ids) to.u16(id);
  });
}

export function decodeIds(data: Buffer, what: string, sender: Sender): number[] {
  const fields = new Fields(data, `${what} context`, sender, 0);
  return readIds(fields, fields.u16());
}

function readIds(fields: Fields, count: number): number[] {
  if (count > MAX_IDS) throw fields.wrong(`${count} algorithms, more than ${MAX_IDS}`);
  return Array.from({ length: count }, () => fields.u16());
}
