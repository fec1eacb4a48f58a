import { baseError } from '../base-errors.ts';
import { guidToBytes, type Guid } from '../guid.ts';

/**
 * Writes little-endian fields into a buffer of fixed size. Throws `bytes.range` if a field does not
 * fit.
 */
export class ByteWriter {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  position = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  seek(position: number): this {
    this.position = position;
    return this;
  }

  u8(value: number): this {
    this.#view.setUint8(this.#advance(1), value);
    return this;
  }

  u16(value: number): this {
    this.#view.setUint16(this.#advance(2), value, true);
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#advance(4), value, true);
    return this;
  }

  u64(value: number | bigint): this {
    this.#view.setBigUint64(this.#advance(8), BigInt(value), true);
    return this;
  }

  guid(value: Guid): this {
    return this.put(guidToBytes(value));
  }

  put(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.#advance(bytes.length));
    return this;
  }

  ascii(text: string): this {
    return this.put(Uint8Array.from(text, (char) => char.charCodeAt(0) & 0x7f));
  }

  utf16(text: string): this {
    for (let i = 0; i < text.length; i++) this.u16(text.charCodeAt(i));
    return this;
  }

  #advance(count: number): number {
    if (this.position < 0 || this.position + count > this.bytes.length) {
      throw baseError('bytes.range', `${count} bytes at ${this.position} do not fit`, {
        data: { offset: this.position, needed: count, length: this.bytes.length },
      });
    }
    const start = this.position;
    this.position += count;
    return start;
  }
}
