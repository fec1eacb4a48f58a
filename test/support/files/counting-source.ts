import type { ByteSource } from '../../../src/engine/source/byte-source.ts';

/** Counts the bytes read through it, for reports and tests. */
export class CountingSource implements ByteSource {
  readonly #inner: ByteSource;
  readBytes = 0;
  reads = 0;

  constructor(inner: ByteSource) {
    this.#inner = inner;
  }

  get name(): string {
    return this.#inner.name;
  }

  get size(): number {
    return this.#inner.size;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#inner.read(offset, into, signal);
    this.readBytes += into.length;
    this.reads++;
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }
}
