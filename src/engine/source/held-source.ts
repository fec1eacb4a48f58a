import type { ByteSource } from './byte-source.ts';
import { checkRead } from './read-check.ts';

/**
 * Immutable bytes in memory, such as a small file that was read at once. Parts are views, not
 * copies.
 */
export class HeldSource implements ByteSource {
  readonly name: string;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.name = name;
  }

  get size(): number {
    return this.#bytes.length;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    into.set(this.view(offset, into.length));
  }

  view(offset: number, length: number): Uint8Array {
    checkRead(this, offset, length);
    return this.#bytes.subarray(offset, offset + length);
  }

  async close(): Promise<void> {
    // Holds memory only.
  }
}
