import { guidFromBytes, guidToBytes, type Guid } from '../../base/guid.ts';
import type { CStruct } from './c-type.ts';
import { layoutOf, requireKoffi, type Field, type Layout } from './layout.ts';

/**
 * A structure in a Buffer, read and written by the paths of its fields. Starts as zeros. The Buffer
 * itself is passed to functions: its memory does not move, and the caller keeps it referenced.
 */
export class StructBytes {
  readonly bytes: Buffer;
  readonly #layout: Layout;
  readonly #held: Buffer[] = [];

  /** @param room bytes of the Buffer, for structures that end with a text; at least the size */
  constructor(struct: CStruct, room = 0) {
    this.#layout = layoutOf(struct);
    this.bytes = Buffer.alloc(Math.max(this.#layout.size, room));
  }

  offset(path: string): number {
    return this.#field(path).offset;
  }

  /** Writes an integer or a BOOL into a field of 4 or 8 bytes. */
  set(path: string, value: number | bigint | boolean): this {
    const { offset, size } = this.#field(path);
    if (size === 8) this.bytes.writeBigUInt64LE(BigInt(value), offset);
    else this.bytes.writeUInt32LE(Number(value) >>> 0, offset);
    return this;
  }

  setGuid(path: string, guid: Guid): this {
    this.bytes.set(guidToBytes(guid), this.#field(path).offset);
    return this;
  }

  /** Points a field to a text of UTF-16, which lives as long as this structure. */
  setText(path: string, text: string): this {
    const bytes = wideText(text);
    this.#held.push(bytes);
    return this.set(path, requireKoffi().address(bytes));
  }

  /** Reads an unsigned integer of 4 bytes. */
  uint32(path: string): number {
    return this.bytes.readUInt32LE(this.#field(path).offset);
  }

  uint64(path: string): bigint {
    return this.bytes.readBigUInt64LE(this.#field(path).offset);
  }

  bool(path: string): boolean {
    return this.uint32(path) !== 0;
  }

  guid(path: string): Guid {
    const { offset } = this.#field(path);
    return guidFromBytes(this.bytes.subarray(offset, offset + 16));
  }

  #field(path: string): Field {
    const field = this.#layout.fields.get(path);
    if (field === undefined) throw new RangeError(`${this.#layout.name} has no field ${path}`);
    return field;
  }
}

/** Encodes a text as UTF-16 with its terminator. */
export const wideText = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf16le');

/**
 * Decodes a text of UTF-16 up to its terminator; undefined if `bytes` has no terminator.
 */
export function readWideText(bytes: Buffer): string | undefined {
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    if (bytes.readUInt16LE(at) === 0) return bytes.toString('utf16le', 0, at);
  }
  return undefined;
}
