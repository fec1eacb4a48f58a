import { nbdError } from '../contract/nbd-errors.ts';
import { MAX_TEXT } from './constants.ts';

/** Sender of bytes, as the code of its errors: a server answers, a client requests. */
export type Sender = 'nbd.answer' | 'nbd.request';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads the big-endian fields of one message; throws the code of the sender past its end. */
export class Fields {
  readonly #bytes: Buffer;
  readonly #what: string;
  readonly #sender: Sender;
  #at = 0;

  /** @param what name of the message in errors */
  constructor(bytes: Uint8Array, what: string, sender: Sender) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
    this.#sender = sender;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#advance(2));
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#advance(4));
  }

  u64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#advance(8));
  }

  /** Reads an offset or a size of the disk, which must be a safe integer. */
  size(field: string): number {
    const value = this.u64();
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
    throw this.wrong(`${field} is ${value}, more than ${Number.MAX_SAFE_INTEGER}`);
  }

  /** Reads UTF-8 text of a length that the message states. */
  text(length: number, field: string): string {
    if (length > MAX_TEXT) throw this.wrong(`${field} has ${length} bytes, more than ${MAX_TEXT}`);
    const start = this.#advance(length);
    try {
      return utf8.decode(this.#bytes.subarray(start, start + length));
    } catch {
      throw this.wrong(`${field} has bytes that are not UTF-8`);
    }
  }

  /** Checks that nothing follows. */
  end(): void {
    if (this.remaining > 0) throw this.wrong(`${this.remaining} bytes follow its end`);
  }

  wrong(what: string): Error {
    return nbdError(this.#sender, `${this.#what}: ${what}`, { data: { what: this.#what } });
  }

  #advance(count: number): number {
    if (count > this.remaining) {
      const at = `${count} bytes at ${this.#at} were needed`;
      throw this.wrong(`it has ${this.#bytes.length} bytes; ${at}`);
    }
    const start = this.#at;
    this.#at += count;
    return start;
  }
}
