/**
 * Reader of DER (X.690) for login tokens and certificates: short tags, definite lengths in their
 * shortest form. Every length is checked against its container before it is used.
 */
import { Buffer } from 'node:buffer';
import { authError } from '../contract/auth-errors.ts';
import { decodeOid } from './oid.ts';

/** Tags that login tokens and certificates use. */
export const TAG = {
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  sequence: 0x30,
  generalString: 0x1b,
  /** `[APPLICATION 0]`, which begins a token of GSS-API (RFC 2743 3.1). */
  application: 0x60,
} as const;

/** Tag of the context-specific, constructed element `[number]`. */
export function contextTag(number: number): number {
  return 0xa0 + number;
}

/** An element: its tag, its content, and all of its bytes. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  readonly bytes: Buffer;
}

export class DerReader {
  readonly #bytes: Buffer;
  readonly #what: string;
  #at = 0;

  /** @param what name of the structure in errors. */
  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Returns the tag of the next element; undefined at the end. */
  get nextTag(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** Reads the next element. Throws `http.auth.token` if it does not have the expected tag. */
  element(expected?: number): DerElement {
    const start = this.#at;
    const tag = this.#byte();
    if (expected !== undefined && tag !== expected) {
      throw this.#invalid(`expected tag ${hex(expected)} at ${start}, found ${hex(tag)}`);
    }
    if ((tag & 0x1f) === 0x1f) throw this.#invalid(`a long tag at ${start} is not supported`);
    const length = this.#length();
    const from = this.#at;
    if (length > this.#bytes.length - from) {
      throw this.#invalid(
        `element ${hex(tag)} at ${start} has ${length} bytes, but ${this.#bytes.length - from} are left`,
      );
    }
    this.#at = from + length;
    return {
      tag,
      content: this.#bytes.subarray(from, this.#at),
      bytes: this.#bytes.subarray(start, this.#at),
    };
  }

  /** Reads an element and returns a reader of its content. */
  inside(tag: number): DerReader {
    return new DerReader(this.element(tag).content, this.#what);
  }

  /** Reads `[number]` with one element in it, if it follows; returns its content. */
  optional(number: number, tag: number): Buffer | undefined {
    if (this.nextTag !== contextTag(number)) return undefined;
    const reader = this.inside(contextTag(number));
    const { content } = reader.element(tag);
    reader.end();
    return content;
  }

  /** Reads an object identifier in dotted form. */
  oid(): string {
    const { content } = this.element(TAG.oid);
    const oid = decodeOid(content);
    if (oid === undefined) throw this.#invalid('an object identifier is malformed');
    return oid;
  }

  /** Throws `http.auth.token` if bytes are left. */
  end(): void {
    if (!this.done) {
      throw this.#invalid(`${this.#bytes.length - this.#at} bytes follow its end`);
    }
  }

  #byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw this.#invalid(`it ends at ${this.#at}, within an element`);
    this.#at++;
    return value;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0) throw this.#invalid('indefinite lengths are not supported');
    if (count > 4) throw this.#invalid(`a length has ${count} bytes; at most 4 are allowed`);
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (count - 1)) {
      throw this.#invalid(`the length ${length} is not in its shortest form`);
    }
    return length;
  }

  #invalid(found: string): Error {
    return authError('http.auth.token', `Invalid ${this.#what}: ${found}`, {
      data: { structure: this.#what, found },
    });
  }
}

const hex = (tag: number): string => `0x${tag.toString(16).padStart(2, '0')}`;
