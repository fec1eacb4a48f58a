import { createHash } from 'node:crypto';
import { ByteWriter } from '../../base/bytes/byte-writer.ts';
import type { PartWriter } from '../../source/byte-source.ts';
import type { TreeShape } from './hash-shape.ts';
import { formatHeader, formatTrailer, indexEntrySize, pageKey } from './hash-tree-format.ts';

/** Pages are collected into parts of this size, since an object store prefers few large parts. */
const PART_SIZE = 1024 * 1024;

/** Pages of one level that are consecutive in the tree and in the file. */
interface PageRun {
  readonly key: number;
  /** 0 for pages that became zero. */
  readonly offset: number;
  count: number;
  /** File offset after the run's last page. */
  end: number;
}

/**
 * Writes a `.hashes` file sequentially. Holds one part in memory, and a few bytes for each run of
 * pages.
 */
export class HashFileWriter {
  readonly #file: PartWriter;
  readonly #whole = createHash('sha256');
  readonly #shape: TreeShape;
  readonly #index: PageRun[] = [];
  /** The last run of each level. */
  readonly #last = new Map<number, PageRun>();
  readonly #part = new Uint8Array(PART_SIZE);
  #filled = 0;
  #written = 0;

  constructor(file: PartWriter, shape: TreeShape) {
    this.#file = file;
    this.#shape = shape;
    const header = formatHeader(shape);
    this.#part.set(header);
    this.#filled = header.length;
  }

  /**
   * Appends a page, or records that it became zero. Returns a promise if a part is written, which
   * most pages are not the last of.
   */
  add(
    level: number,
    page: number,
    nodes: Uint8Array | 'zero',
    signal: AbortSignal,
  ): Promise<void> | undefined {
    const zero = nodes === 'zero';
    const offset = zero ? 0 : this.#written + this.#filled;
    const end = zero ? 0 : offset + nodes.length;
    const key = pageKey(level, page);
    const last = this.#last.get(level);
    const follows = last?.key !== undefined && last.key + last.count === key && last.end === offset;
    // Version 1 has an entry for each page.
    if (follows && this.#shape.format.version > 1) {
      last.count++;
      last.end = end;
    } else {
      const run = { key, offset, count: 1, end };
      this.#index.push(run);
      this.#last.set(level, run);
    }
    return zero ? undefined : this.#append(nodes, signal);
  }

  /** Writes index and trailer and publishes the file under its name. */
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
      const writer = new ByteWriter(entries.length * indexEntrySize(this.#shape));
      for (const { key, offset, count } of entries) {
        writer.u64(key).u64(offset);
        if (this.#shape.format.version > 1) writer.u64(count);
      }
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

  #append(bytes: Uint8Array, signal: AbortSignal): Promise<void> | undefined {
    if (bytes.length >= PART_SIZE - this.#filled) return this.#appendParts(bytes, signal);
    this.#part.set(bytes, this.#filled);
    this.#filled += bytes.length;
    return undefined;
  }

  async #appendParts(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
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
