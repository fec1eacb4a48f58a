import { createHash } from 'node:crypto';
import { ByteWriter } from '../base/byte-writer.ts';
import type { PartWriter } from '../source/byte-source.ts';
import { INDEX_ENTRY_SIZE, formatHeader, formatTrailer, pageKey } from './hash-tree-format.ts';

/** Pages are gathered into parts of this size: an object store takes few large ones. */
const PART_SIZE = 1024 * 1024;

/** Writes a `.hashes` file from its first byte to its last; memory: one part, and 16 bytes for each page. */
export class HashFileWriter {
  readonly #file: PartWriter;
  readonly #whole = createHash('sha256');
  readonly #index: { readonly key: number; readonly offset: number }[] = [];
  readonly #part = new Uint8Array(PART_SIZE);
  #filled = 0;
  #written = 0;

  constructor(file: PartWriter, virtualSize: number) {
    this.#file = file;
    const header = formatHeader(virtualSize);
    this.#part.set(header);
    this.#filled = header.length;
  }

  /** Appends a page, or notes that it became zero. */
  async add(
    level: number,
    page: number,
    nodes: Uint8Array | 'zero',
    signal: AbortSignal,
  ): Promise<void> {
    const key = pageKey(level, page);
    if (nodes === 'zero') {
      this.#index.push({ key, offset: 0 });
      return;
    }
    this.#index.push({ key, offset: this.#written + this.#filled });
    await this.#append(nodes, signal);
  }

  /** Writes index and trailer and gives the file its name. */
  async complete(
    root: string,
    parentRoot: string,
    signal: AbortSignal,
  ): Promise<{ readonly size: number; readonly sha256: string }> {
    const indexOffset = this.#written + this.#filled;
    const indexHash = createHash('sha256');
    this.#index.sort((a, b) => a.key - b.key);
    for (let done = 0; done < this.#index.length; done += 4096) {
      const entries = this.#index.slice(done, done + 4096);
      const writer = new ByteWriter(entries.length * INDEX_ENTRY_SIZE);
      for (const { key, offset } of entries) writer.u64(key).u64(offset);
      indexHash.update(writer.bytes);
      await this.#append(writer.bytes, signal);
    }
    const trailer = formatTrailer({
      root,
      parentRoot,
      indexOffset,
      indexCount: this.#index.length,
      indexHash: indexHash.digest(),
    });
    await this.#append(trailer, signal);
    await this.#flush(signal);
    await this.#file.complete(this.#written, signal);
    return { size: this.#written, sha256: this.#whole.digest('hex') };
  }

  async abandon(): Promise<void> {
    await this.#file.abandon();
  }

  async #append(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const count = Math.min(bytes.length - done, PART_SIZE - this.#filled);
      this.#part.set(bytes.subarray(done, done + count), this.#filled);
      this.#filled += count;
      done += count;
      if (this.#filled === PART_SIZE) await this.#flush(signal);
    }
  }

  async #flush(signal: AbortSignal): Promise<void> {
    if (this.#filled === 0) return;
    const part = this.#part.subarray(0, this.#filled);
    this.#whole.update(part);
    await this.#file.write(this.#written, part, signal);
    this.#written += this.#filled;
    this.#filled = 0;
  }
}
