/**
 * Signing and sealing with extended session security (MS-NLMP 3.4.4.2). A signature is
 * `u32 1 | 8 bytes checksum | u32 sequence number`. Each direction has one RC4 stream and one
 * sequence number for the life of the connection; data and checksum share the stream.
 */
import { Buffer } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import { authError } from '../contract/auth-errors.ts';
import type { SealedBytes } from '../contract/security-context.ts';
import { hmacMd5 } from './crypto/digests.ts';
import { Rc4 } from './crypto/rc4.ts';
import type { MessageKeys } from './keys/message-keys.ts';

const SIGNATURE_LENGTH = 16;
const VERSION = 1;
const CHECKSUM_AT = 4;
const CHECKSUM_LENGTH = 8;
const SEQUENCE_AT = 12;
/** The sequence number has 32 bits and must not wrap, since a message could then be replayed. */
const LAST_SEQUENCE = 0xffffffff;

/** State of one direction. */
class Stream {
  readonly #signKey: Buffer;
  readonly #cipher: Rc4;
  readonly #encryptChecksum: boolean;
  sequence = 0;

  constructor(keys: MessageKeys, keyExchange: boolean) {
    this.#signKey = keys.sign;
    this.#cipher = new Rc4(keys.seal);
    this.#encryptChecksum = keyExchange;
  }

  /** Encrypts or decrypts the next bytes of the stream. */
  crypt(bytes: Buffer): Buffer {
    return this.#cipher.update(bytes);
  }

  /** Returns the signature of the next message, whose data went through the stream before. */
  sign(plain: Buffer): Buffer {
    if (this.sequence > LAST_SEQUENCE) {
      throw authError('http.auth.sealed', 'All 2^32 sequence numbers of the connection are used');
    }
    const signature = Buffer.alloc(SIGNATURE_LENGTH);
    signature.writeUInt32LE(VERSION, 0);
    signature.writeUInt32LE(this.sequence, SEQUENCE_AT);
    const checksum = hmacMd5(this.#signKey, signature.subarray(SEQUENCE_AT), plain).subarray(
      0,
      CHECKSUM_LENGTH,
    );
    signature.set(this.#encryptChecksum ? this.#cipher.update(checksum) : checksum, CHECKSUM_AT);
    this.sequence++;
    return signature;
  }

  /** Signs data that is not sealed, and puts the cipher back. */
  signAside(plain: Buffer): Buffer {
    return this.#cipher.withoutAdvancing(() => this.sign(plain));
  }

  clear(): void {
    this.#signKey.fill(0);
    this.#cipher.clear();
  }
}

/** Both directions of a connection. */
export class Sealing {
  readonly #out: Stream;
  readonly #in: Stream;
  #broken = false;

  /** @param keyExchange whether KEY_EXCH was negotiated: checksums are encrypted, too. */
  constructor(out: MessageKeys, incoming: MessageKeys, keyExchange: boolean) {
    this.#out = new Stream(out, keyExchange);
    this.#in = new Stream(incoming, keyExchange);
  }

  seal(plain: Buffer): SealedBytes {
    this.#checkUsable();
    const data = this.#out.crypt(plain);
    return { signature: this.#out.sign(plain), data };
  }

  /**
   * Decrypts and checks the peer's next message. Throws `http.auth.sealed`; nothing can be sealed or
   * unsealed after that, since the position in the stream is unknown.
   */
  unseal({ signature, data }: SealedBytes): Buffer {
    this.#checkUsable();
    this.#checkSequence(signature);
    const plain = this.#in.crypt(data);
    this.#compare(this.#in.sign(plain), signature);
    return plain;
  }

  /** Signs data without sealing. The cipher's state is put back, the sequence number advances. */
  getMic(data: Buffer): Buffer {
    this.#checkUsable();
    return this.#out.signAside(data);
  }

  /** Checks the peer's {@link getMic}. Throws `http.auth.sealed`. */
  verifyMic(data: Buffer, signature: Buffer): void {
    this.#checkUsable();
    this.#checkSequence(signature);
    this.#compare(this.#in.signAside(data), signature);
  }

  /** Overwrites the keys. Sealing and unsealing fail afterwards. */
  clear(): void {
    this.#broken = true;
    this.#out.clear();
    this.#in.clear();
  }

  #checkUsable(): void {
    if (!this.#broken) return;
    throw authError(
      'http.auth.sealed',
      'The security context was closed, or an earlier sealed message was invalid. Log in again',
    );
  }

  #checkSequence(signature: Buffer): void {
    if (signature.length !== SIGNATURE_LENGTH) {
      throw this.#fail(`the signature has ${signature.length} bytes; expected ${SIGNATURE_LENGTH}`);
    }
    const version = signature.readUInt32LE(0);
    if (version !== VERSION) {
      throw this.#fail(`the signature has version ${version}; expected ${VERSION}`);
    }
    const found = signature.readUInt32LE(SEQUENCE_AT);
    const expected = this.#in.sequence;
    if (found === expected) return;
    throw this.#fail(
      found < expected
        ? `it has number ${found}; expected ${expected}: it was replayed`
        : `it has number ${found}; expected ${expected}: messages are missing or reordered`,
    );
  }

  #compare(expected: Buffer, found: Buffer): void {
    if (!timingSafeEqual(expected, found)) {
      throw this.#fail('its checksum is wrong: it was altered, or has another key');
    }
  }

  #fail(why: string): Error {
    this.#broken = true;
    return authError('http.auth.sealed', `A sealed message is invalid: ${why}`, {
      data: { found: why },
    });
  }
}
