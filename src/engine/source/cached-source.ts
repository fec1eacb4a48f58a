import type { ByteSource } from './byte-source.ts';
import { checkRead } from './read-check.ts';

export interface CacheOptions {
  readonly pageSize: number;
  /** Pages kept; the least recently used goes first. Memory is bounded by `pageSize × pages`. */
  readonly pages: number;
}

/**
 * Keeps recently read pages, for tables that are looked up again and again. Two readers of one page
 * share its load. Reads of whole pages or more should go to the inner source directly.
 */
export class CachedSource implements ByteSource {
  readonly #inner: ByteSource;
  readonly #options: CacheOptions;
  readonly #pages = new Map<number, Promise<Uint8Array>>();

  constructor(inner: ByteSource, options: CacheOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  get name(): string {
    return this.#inner.name;
  }

  get size(): number {
    return this.#inner.size;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    checkRead(this, offset, into.length);
    const { pageSize } = this.#options;
    for (let done = 0; done < into.length;) {
      const at = offset + done;
      const inPage = at % pageSize;
      const count = Math.min(pageSize - inPage, into.length - done);
      const page = await this.#page(at - inPage, signal);
      into.set(page.subarray(inPage, inPage + count), done);
      done += count;
    }
  }

  async close(): Promise<void> {
    this.#pages.clear();
    await this.#inner.close();
  }

  #page(start: number, signal: AbortSignal): Promise<Uint8Array> {
    const known = this.#pages.get(start);
    if (known !== undefined) {
      this.#pages.delete(start);
      this.#pages.set(start, known);
      return known;
    }
    const page = new Uint8Array(Math.min(this.#options.pageSize, this.#inner.size - start));
    const load = this.#inner.read(start, page, signal).then(() => page);
    this.#pages.set(start, load);
    // A failed load is not kept: the next reader tries again.
    load.catch(() => {
      if (this.#pages.get(start) === load) this.#pages.delete(start);
    });
    if (this.#pages.size > this.#options.pages) {
      for (const oldest of this.#pages.keys()) {
        this.#pages.delete(oldest);
        break;
      }
    }
    return load;
  }
}
