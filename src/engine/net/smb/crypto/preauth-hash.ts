import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

/**
 * Preauthentication integrity of 3.1.1 (MS-SMB2 3.2.5.2, 3.2.5.3): a chain of SHA-512 over the messages of
 * NEGOTIATE and SESSION_SETUP. A message that somebody changed in between gives both sides different keys.
 */
export class PreauthHash {
  #value: Buffer;

  /** @param start value of the connection's hash for a session; 64 zero bytes for a connection. */
  constructor(start: Buffer = Buffer.alloc(64)) {
    this.#value = Buffer.from(start);
  }

  get value(): Buffer {
    return this.#value;
  }

  /** Adds one message, from its header on, as it was sent or received. */
  add(...pieces: readonly Uint8Array[]): void {
    const hash = createHash('sha512').update(this.#value);
    for (const piece of pieces) hash.update(piece);
    this.#value = hash.digest();
  }
}
