import { baseError } from '../base-errors.ts';
import { guidFromBytes, type Guid } from '../guid.ts';
import { toSafeInteger } from './u64.ts';

/**
 * A cursor over little-endian bytes that never reads past their end: every accessor throws
 * `bytes.range` instead, which names the structure, the offset and the requested length.
 */
export class ByteReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #what: string;
  position = 0;

  /** @param what name of the structure in errors, for example "VHDX header 1". */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get remaining(): number {
    return this.#bytes.length - this.position;
  }

  seek(position: number): this {
    this.#need(position, 0);
    this.position = position;
    return this;
  }

  skip(count: number): this {
    return this.seek(this.position + count);
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /**
   * Reads a 64-bit offset, length or count as a safe integer. Throws `bytes.u64` at 2^53 or more.
   */
  u64(field: string): number {
    return toSafeInteger(this.u64Opaque(), `${this.#what}: ${field}`);
  }

  /** Reads a 64-bit value of any size: sequence numbers, opaque IDs. */
  u64Opaque(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
  }

  guid(): Guid {
    return guidFromBytes(this.bytes(16));
  }

  /** Returns the next `count` bytes as a view, not a copy. */
  bytes(count: number): Uint8Array {
    const start = this.#advance(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** Reads `byteCount` bytes of UTF-16LE text, terminators included. */
  utf16(byteCount: number): string {
    const bytes = this.bytes(byteCount);
    const units: string[] = [];
    for (let i = 0; i + 1 < bytes.length; i += 2) {
      units.push(String.fromCharCode((bytes[i] as number) | ((bytes[i + 1] as number) << 8)));
    }
    return units.join('');
  }

  /** Reads `byteCount` bytes of ASCII text, for signatures. */
  ascii(byteCount: number): string {
    return String.fromCharCode(...this.bytes(byteCount));
  }

  #advance(count: number): number {
    this.#need(this.position, count);
    const start = this.position;
    this.position += count;
    return start;
  }

  #need(position: number, count: number): void {
    if (!(position >= 0 && count >= 0 && position + count <= this.#bytes.length)) {
      throw baseError(
        'bytes.range',
        `${this.#what} has ${this.#bytes.length} bytes; ${count} at ${position} were needed`,
        { data: { what: this.#what, offset: position, needed: count, length: this.#bytes.length } },
      );
    }
  }
}
