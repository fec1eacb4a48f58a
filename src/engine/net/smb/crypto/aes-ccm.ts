import { Buffer } from 'node:buffer';
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  getCiphers,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';

/*
 * AES-CCM (RFC 3610) as SMB uses it: 11 bytes of nonce, so 4 of length, and a tag of 16 bytes.
 * Electron's crypto (BoringSSL) does not have it; there it is built from CTR and a CBC-MAC.
 */

const CCM_NONCE_BYTES = 11;
const TAG_BYTES = 16;
const BLOCK = 16;
const LENGTH_BYTES = 4;

export interface Encrypted {
  readonly tag: Buffer;
  readonly pieces: readonly Buffer[];
}

/** An authenticated cipher with its key. */
export interface Aead {
  readonly nonceBytes: number;
  /** Encrypts pieces as one message. */
  encrypt(nonce: Buffer, aad: Buffer, pieces: readonly Buffer[]): Encrypted;
  /** Decrypts pieces as one message; undefined if the tag does not fit. */
  decrypt(
    nonce: Buffer,
    aad: Buffer,
    tag: Buffer,
    pieces: readonly Buffer[],
  ): readonly Buffer[] | undefined;
}

/** Whether this runtime's crypto has AES-CCM. */
const HAS_CCM = getCiphers().includes('aes-128-ccm');

/**
 * Returns AES-CCM with a key of 16 or 32 bytes.
 * @param native uses the runtime's own CCM
 */
export function aesCcm(bytes: Buffer, native: boolean = HAS_CCM): Aead {
  // Node prepares bytes again for each message.
  const key = createSecretKey(bytes);
  return native ? nativeCcm(key) : composedCcm(key);
}

function nativeCcm(key: KeyObject): Aead {
  const name = key.symmetricKeySize === 32 ? 'aes-256-ccm' : 'aes-128-ccm';
  const options = { authTagLength: TAG_BYTES };
  return {
    nonceBytes: CCM_NONCE_BYTES,
    encrypt(nonce, aad, pieces) {
      // CCM takes a message in one part only.
      const plain = Buffer.concat(pieces);
      const cipher = createCipheriv(name, key, nonce, options);
      cipher.setAAD(aad, { plaintextLength: plain.length });
      const encrypted = cipher.update(plain);
      cipher.final();
      return { tag: cipher.getAuthTag(), pieces: [encrypted] };
    },
    decrypt(nonce, aad, tag, pieces) {
      const encrypted = Buffer.concat(pieces);
      const decipher = createDecipheriv(name, key, nonce, options);
      decipher.setAuthTag(tag).setAAD(aad, { plaintextLength: encrypted.length });
      try {
        const plain = decipher.update(encrypted);
        decipher.final();
        return [plain];
      } catch {
        return undefined;
      }
    },
  };
}

function composedCcm(key: KeyObject): Aead {
  const bits = (key.symmetricKeySize ?? 0) * 8;
  /** Counter mode: the first block encrypts the tag, the others the message. */
  const counter = (nonce: Buffer) => {
    const start = Buffer.alloc(BLOCK);
    start[0] = LENGTH_BYTES - 1;
    nonce.copy(start, 1);
    return createCipheriv(`aes-${bits}-ctr`, key, start);
  };
  const mac = (nonce: Buffer, aad: Buffer, plain: readonly Buffer[]): Buffer => {
    const length = plain.reduce((sum, piece) => sum + piece.length, 0);
    const head = Buffer.alloc(BLOCK);
    head[0] = 0x40 | (((TAG_BYTES - 2) / 2) << 3) | (LENGTH_BYTES - 1);
    nonce.copy(head, 1);
    head.writeUInt32BE(length, BLOCK - LENGTH_BYTES);
    const prefix = Buffer.alloc(roundUp(2 + aad.length));
    prefix.writeUInt16BE(aad.length);
    aad.copy(prefix, 2);
    const cbc = createCipheriv(`aes-${bits}-cbc`, key, Buffer.alloc(BLOCK)).setAutoPadding(false);
    let last = Buffer.alloc(0);
    for (const part of [head, prefix, ...plain, Buffer.alloc(roundUp(length) - length)]) {
      const out = cbc.update(part);
      if (out.length > 0) last = out;
    }
    return last.subarray(-BLOCK);
  };
  return {
    nonceBytes: CCM_NONCE_BYTES,
    encrypt(nonce, aad, pieces) {
      const ctr = counter(nonce);
      const tag = ctr.update(mac(nonce, aad, pieces));
      return { tag, pieces: pieces.map((piece) => ctr.update(piece)) };
    },
    decrypt(nonce, aad, tag, pieces) {
      const ctr = counter(nonce);
      const expected = ctr.update(tag);
      const plain = pieces.map((piece) => ctr.update(piece));
      return timingSafeEqual(mac(nonce, aad, plain), expected) ? plain : undefined;
    },
  };
}

const roundUp = (length: number): number => Math.ceil(length / BLOCK) * BLOCK;
