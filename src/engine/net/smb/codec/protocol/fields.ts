import { Buffer } from 'node:buffer';
import { guidFromBytes, type Guid } from '../../../../base/guid.ts';
import { smbError, type Sender } from '../../contract/smb-errors.ts';
import type { FileId } from './file-id.ts';

/** Bytes of the header, after which a body begins. Offsets in bodies count from the header. */
export const HEADER_BYTES = 64;

/**
 * Reads the little-endian fields of one structure. Throws the code of the sender for whatever
 * lies outside of it; nothing is allocated for a length that the structure does not have.
 */
export class Fields {
  readonly #bytes: Buffer;
  readonly #what: string;
  readonly #sender: Sender;
  #at: number;

  /**
   * @param what name of the structure in errors
   * @param at offset of the first field; behind the header by default
   */
  constructor(bytes: Uint8Array, what: string, sender: Sender, at = HEADER_BYTES) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
    this.#sender = sender;
    this.#at = at;
  }

  /** Offset of the next field. */
  get position(): number {
    return this.#at;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** Reads StructureSize, which counts one byte of an odd, variable part, and checks that the fixed part exists. */
  structure(size: number): this {
    const found = this.u16();
    if (found !== size) throw this.wrong(`StructureSize is ${found}, expected ${size}`);
    if (this.remaining < (size & ~1) - 2) {
      throw this.wrong(`it has ${this.#bytes.length} bytes, fewer than its fixed part`);
    }
    return this;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#advance(1));
  }

  u16(): number {
    return this.#bytes.readUInt16LE(this.#advance(2));
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#advance(4));
  }

  u64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#advance(8));
  }

  /** Reads an offset or a size in a file, which must be a safe integer. */
  size(field: string): number {
    const value = this.u64();
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
    throw this.wrong(`${field} is ${value}, more than ${Number.MAX_SAFE_INTEGER}`);
  }

  guid(): Guid {
    return guidFromBytes(this.bytes(16));
  }

  fileId(): FileId {
    return { persistent: this.u64(), volatile: this.u64() };
  }

  skip(count: number): this {
    this.#advance(count);
    return this;
  }

  /** Returns the next bytes as a view. */
  bytes(count: number): Buffer {
    const start = this.#advance(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** Returns the bytes from here to the end as a view. */
  rest(): Buffer {
    return this.bytes(this.remaining);
  }

  /** Reads UTF-16LE text of `length` bytes at the cursor. */
  utf16(length: number, field: string): string {
    if (length % 2 !== 0) throw this.wrong(`${field} has ${length} bytes, an odd number`);
    return this.bytes(length).toString('utf16le');
  }

  /**
   * Returns a variable part as a view: `length` bytes at `offset`, which must lie behind what was
   * read so far. An empty part may have any offset.
   */
  part(offset: number, length: number, field: string): Buffer {
    if (length === 0) return this.#bytes.subarray(0, 0);
    if (offset < this.#at || offset + length > this.#bytes.length) {
      throw this.wrong(
        `${field} has ${length} bytes at ${offset}, expected within [${this.#at}, ${this.#bytes.length})`,
      );
    }
    return this.#bytes.subarray(offset, offset + length);
  }

  /** Reads a variable part as UTF-16LE text of at most `most` bytes. */
  text(offset: number, length: number, field: string, most: number): string {
    if (length > most) throw this.wrong(`${field} has ${length} bytes, more than ${most}`);
    if (length % 2 !== 0) throw this.wrong(`${field} has ${length} bytes, an odd number`);
    return this.part(offset, length, field).toString('utf16le');
  }

  wrong(problem: string): Error {
    return smbError(this.#sender, `${this.#what}: ${problem}`, {
      data: { structure: this.#what, offset: this.#at },
    });
  }

  #advance(count: number): number {
    if (count > this.remaining) {
      throw this.wrong(
        `it has ${this.#bytes.length} bytes; ${count} bytes at ${this.#at} were needed`,
      );
    }
    const start = this.#at;
    this.#at += count;
    return start;
  }
}
