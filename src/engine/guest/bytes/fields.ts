import { guidFromBytes, type Guid } from '../../base/guid.ts';
import { guestError } from './guest-errors.ts';

/**
 * The fields of one structure at their offsets. Reading past its end throws `guest.damaged`, which
 * names the structure, the offset and the length.
 */
export class Fields {
  readonly bytes: Uint8Array;
  readonly what: string;
  readonly #view: DataView;

  /** @param what name of the structure in errors, for example "MFT record 5". */
  constructor(bytes: Uint8Array, what: string) {
    this.bytes = bytes;
    this.what = what;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(at: number): number {
    return this.#view.getUint8(this.#inside(at, 1));
  }

  u16(at: number): number {
    return this.#view.getUint16(this.#inside(at, 2), true);
  }

  u32(at: number): number {
    return this.#view.getUint32(this.#inside(at, 4), true);
  }

  /** Reads an opaque 64-bit value. */
  big(at: number): bigint {
    return this.#view.getBigUint64(this.#inside(at, 8), true);
  }

  /** Reads a 64-bit length, offset or count. Throws `guest.damaged` at 2^53 or more. */
  u64(at: number): number {
    return this.#safe(this.big(at), at);
  }

  /** Big-endian, as XFS and LUKS store numbers. */
  be16(at: number): number {
    return this.#view.getUint16(this.#inside(at, 2), false);
  }

  be32(at: number): number {
    return this.#view.getUint32(this.#inside(at, 4), false);
  }

  be64(at: number): number {
    return this.#safe(this.#view.getBigUint64(this.#inside(at, 8), false), at);
  }

  /** Returns a part as a view, not a copy. */
  slice(at: number, length: number): Uint8Array {
    const start = this.#inside(at, length);
    return this.bytes.subarray(start, start + length);
  }

  part(at: number, length: number): Fields {
    return new Fields(this.slice(at, length), this.what);
  }

  /** Returns bytes as text, one character each, for signatures. */
  ascii(at: number, length: number): string {
    return String.fromCharCode(...this.slice(at, length));
  }

  /** Whether the bytes at an offset are this ASCII text. */
  has(at: number, text: string): boolean {
    return at >= 0 && at + text.length <= this.length && this.ascii(at, text.length) === text;
  }

  /** Returns `units` characters of UTF-16LE, which may hold unpaired surrogates. */
  utf16(at: number, units: number): string {
    const start = this.#inside(at, units * 2);
    const codes: string[] = [];
    for (let i = 0; i < units; i++) {
      codes.push(String.fromCharCode(this.#view.getUint16(start + i * 2, true)));
    }
    return codes.join('');
  }

  guid(at: number): Guid {
    return guidFromBytes(this.slice(at, 16));
  }

  /** Returns a UUID as Linux prints it: its bytes in order. */
  uuid(at: number): string {
    const hex = Array.from(this.slice(at, 16), (b) => b.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  #safe(value: bigint, at: number): number {
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
    throw guestError('guest.damaged', `${this.what} has the value ${value} at ${at}`, {
      data: { what: this.what, offset: at, found: value.toString() },
    });
  }

  #inside(at: number, count: number): number {
    if (Number.isSafeInteger(at) && at >= 0 && count >= 0 && at + count <= this.length) return at;
    throw guestError(
      'guest.damaged',
      `${this.what} has ${this.length} bytes; ${count} at ${at} were needed`,
      { data: { what: this.what, offset: at, needed: count, length: this.length } },
    );
  }
}
