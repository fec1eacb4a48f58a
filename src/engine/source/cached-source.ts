import { isEngineError } from '../base/errors.ts';
import type { ByteSource } from './byte-source.ts';
import type { LoadBudget } from './load-budget.ts';
import { checkRead } from './read-check.ts';
import { SharedLoads } from './shared-loads.ts';

export interface CacheOptions {
  readonly pageSize: number;
  /** Memory for pages, private or shared. The least recently used page is evicted first. */
  readonly budget: LoadBudget;
}

/**
 * Caches recently read pages, for tables with repeated lookups. Concurrent readers of a page share
 * one load. Read whole pages or more from the inner source directly.
 */
export class CachedSource implements ByteSource {
  readonly #inner: ByteSource;
  readonly #options: CacheOptions;
  readonly #pages: SharedLoads;

  constructor(inner: ByteSource, options: CacheOptions) {
    this.#inner = inner;
    this.#options = options;
    this.#pages = new SharedLoads(options.budget, options.pageSize);
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
      const known = this.#pages.cached(at - inPage);
      if (known !== undefined) into.set(known.subarray(inPage, inPage + count), done);
      else await this.#readPart(at - inPage, inPage, into.subarray(done, done + count), signal);
      done += count;
    }
  }

  async close(): Promise<void> {
    this.#pages.clear();
    await this.#inner.close();
  }

  /** Fills `into` from a page. A page with an unreadable sector still gives what was asked for. */
  async #readPart(
    start: number,
    within: number,
    into: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    let page: Uint8Array;
    try {
      page = await this.#page(start, signal);
    } catch (error) {
      if (!isEngineError(error, 'source.io')) throw error;
      await this.#inner.read(start + within, into, signal);
      return;
    }
    into.set(page.subarray(within, within + into.length));
  }

  #page(start: number, signal: AbortSignal): Promise<Uint8Array> {
    const load = async (): Promise<Uint8Array> => {
      const page = new Uint8Array(Math.min(this.#options.pageSize, this.#inner.size - start));
      await this.#inner.read(start, page, signal);
      return page;
    };
    return this.#pages.get(start, load, signal);
  }
}
