import { Buffer } from 'node:buffer';
import { ByteWriter } from '../../../../base/bytes/byte-writer.ts';
import { HEADER_BYTES } from './fields.ts';
import type { FileId } from './file-id.ts';

/** Writes the body of a message: a fixed part, then variable parts that fields point to. */
export class Body extends ByteWriter {
  #parts = 0;

  /**
   * @param structureSize written first; an odd one counts a byte of the variable part, so at least
   *   that byte is sent
   * @param variable bytes of the variable part
   */
  constructor(structureSize: number, variable = 0) {
    super(Math.max(structureSize, (structureSize & ~1) + variable));
    this.#parts = structureSize & ~1;
    this.u16(structureSize);
  }

  /** Writes a part and returns its offset from the header; 0 for an empty part. */
  part(bytes: Uint8Array): number {
    if (bytes.length === 0) return 0;
    const start = this.#parts;
    this.bytes.set(bytes, start);
    this.#parts += bytes.length;
    return HEADER_BYTES + start;
  }

  /** Moves the next part to a multiple of eight bytes. */
  align(): this {
    this.#parts = alignTo8(this.#parts);
    return this;
  }

  fileId({ persistent, volatile }: FileId): this {
    return this.u64(persistent).u64(volatile);
  }

  done(): Buffer {
    return Buffer.from(this.bytes.buffer);
  }
}

/** Returns a buffer that `write` has filled. */
export function written(length: number, write: (to: ByteWriter) => unknown): Buffer {
  const to = new ByteWriter(length);
  write(to);
  return Buffer.from(to.bytes.buffer);
}

export const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

export const alignTo8 = (value: number): number => Math.ceil(value / 8) * 8;

/** Fills up to a multiple of eight bytes with zeros. */
export function padTo8(bytes: Uint8Array): Buffer {
  const padded = Buffer.alloc(alignTo8(bytes.length));
  padded.set(bytes);
  return padded;
}
