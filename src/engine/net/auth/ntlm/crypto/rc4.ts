import { Buffer } from 'node:buffer';

/**
 * RC4 key stream. NTLM seals with it; OpenSSL 3 no longer offers it by default. The state lives as
 * long as the connection: every message continues where the last one ended.
 */
export class Rc4 {
  readonly #state = new Uint8Array(256);
  #i = 0;
  #j = 0;

  /** @param key 1 to 256 bytes. */
  constructor(key: Uint8Array) {
    const state = this.#state;
    for (let i = 0; i < 256; i++) state[i] = i;
    for (let i = 0, j = 0; i < 256; i++) {
      const at = state[i] as number;
      j = (j + at + (key[i % key.length] as number)) & 0xff;
      state[i] = state[j] as number;
      state[j] = at;
    }
  }

  /** Encrypts or decrypts the next bytes. Returns a new buffer of the same length. */
  update(input: Uint8Array): Buffer {
    const output = Buffer.allocUnsafe(input.length);
    const state = this.#state;
    const { length } = input;
    let i = this.#i;
    let j = this.#j;
    for (let at = 0; at < length; at++) {
      i = (i + 1) & 0xff;
      const a = state[i] as number;
      j = (j + a) & 0xff;
      const b = state[j] as number;
      state[i] = b;
      state[j] = a;
      output[at] = (input[at] as number) ^ (state[(a + b) & 0xff] as number);
    }
    this.#i = i;
    this.#j = j;
    return output;
  }

  /** Runs `work`, then puts the state back as it was before. */
  withoutAdvancing<T>(work: () => T): T {
    const saved = { state: this.#state.slice(), i: this.#i, j: this.#j };
    try {
      return work();
    } finally {
      this.#state.set(saved.state);
      this.#i = saved.i;
      this.#j = saved.j;
    }
  }

  /** Overwrites the state. The object cannot be used any more. */
  clear(): void {
    this.#state.fill(0);
  }
}
