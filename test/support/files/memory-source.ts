import type { ByteStorage } from '../../../src/engine/source/byte-source.ts';
import { checkRead } from '../../../src/engine/source/read-check.ts';

/**
 * Bytes in memory that can be changed in place. The buffer grows by doubling; new bytes read as
 * zeros.
 */
export class MemoryStorage implements ByteStorage {
  readonly name: string;
  #bytes: Uint8Array;
  #size: number;

  /** Uses `bytes` without copying; the caller must not change them afterwards. */
  constructor(bytes: Uint8Array = new Uint8Array(), name = 'memory') {
    this.#bytes = bytes;
    this.#size = bytes.length;
    this.name = name;
  }

  get size(): number {
    return this.#size;
  }

  /** Returns a copy of the contents. */
  contents(): Uint8Array {
    return this.#bytes.slice(0, this.#size);
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    checkRead(this, offset, into.length);
    into.set(this.#bytes.subarray(offset, offset + into.length));
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#grow(offset + bytes.length);
    this.#bytes.set(bytes, offset);
  }

  async resize(size: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (size < this.#size) this.#bytes.fill(0, size, this.#size);
    else this.#grow(size);
    this.#size = size;
  }

  async flush(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
  }

  async close(): Promise<void> {
    // Holds memory only.
  }

  #grow(size: number): void {
    if (size > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(size, this.#bytes.length * 2, 4096));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    this.#size = Math.max(this.#size, size);
  }
}
