import { Buffer } from 'node:buffer';
import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';

const BLOCK = 16;
const ZERO = Buffer.alloc(BLOCK);

/**
 * AES-128-CMAC (RFC 4493). Node has no CMAC: the message runs through one native pass of AES-CBC,
 * whose last block, mixed with a subkey, is the result.
 */
export class AesCmac {
  readonly #key: KeyObject;
  readonly #whole: Buffer;
  readonly #padded: Buffer;

  /** @param key 16 bytes */
  constructor(key: Buffer) {
    this.#key = createSecretKey(key);
    const first = createCipheriv('aes-128-ecb', this.#key, null).setAutoPadding(false).update(ZERO);
    this.#whole = double(first);
    this.#padded = double(this.#whole);
  }

  /** Returns the 16 bytes for a message in pieces. */
  digest(pieces: readonly Uint8Array[]): Buffer {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const tail = length === 0 ? 0 : (length - 1) % BLOCK;
    const start = length === 0 ? 0 : length - 1 - tail;
    const last = Buffer.alloc(BLOCK);
    const cbc = createCipheriv('aes-128-cbc', this.#key, ZERO).setAutoPadding(false);
    let at = 0;
    for (const piece of pieces) {
      const before = Math.min(Math.max(start - at, 0), piece.length);
      if (before > 0) cbc.update(piece.subarray(0, before));
      if (before < piece.length) last.set(piece.subarray(before), at + before - start);
      at += piece.length;
    }
    const isWhole = length > 0 && tail === BLOCK - 1;
    if (!isWhole) last[length - start] = 0x80;
    const subkey = isWhole ? this.#whole : this.#padded;
    for (let i = 0; i < BLOCK; i++) last[i] = (last[i] as number) ^ (subkey[i] as number);
    return cbc.update(last);
  }
}

/** Doubles in GF(2^128) (RFC 4493 2.3). */
function double(block: Buffer): Buffer {
  const out = Buffer.alloc(BLOCK);
  let carry = 0;
  for (let i = BLOCK - 1; i >= 0; i--) {
    const value = block[i] as number;
    out[i] = ((value << 1) | carry) & 0xff;
    carry = value >>> 7;
  }
  if (carry === 1) out[BLOCK - 1] = (out[BLOCK - 1] as number) ^ 0x87;
  return out;
}
