import { never } from '../../../base/abort.ts';
import type { ByteStorage } from '../../../source/byte-source.ts';
import { PAGE } from '../structures/layout.ts';
import type { LogWrite } from '../log/log-entry.ts';

/** Maximum number of clean pages that are cached: 16 MiB. */
const MOST_CLEAN = 4096;

/**
 * Pages of the file that may only change through the log (BAT, bitmaps, metadata, region tables):
 * read on demand, changed in memory, collected for a log entry. Keys are file offsets, multiples of
 * 4 KiB.
 */
export class EditPages {
  readonly #storage: ByteStorage;
  readonly #clean = new Map<number, Uint8Array>();
  readonly #dirty = new Map<number, Uint8Array>();

  constructor(storage: ByteStorage) {
    this.#storage = storage;
  }

  get dirtyCount(): number {
    return this.#dirty.size;
  }

  /** Returns the current page at `offset`. Callers must not change it; see {@link edit}. */
  async page(offset: number): Promise<Uint8Array> {
    const known = this.#dirty.get(offset) ?? this.#clean.get(offset);
    if (known !== undefined) return known;
    const bytes = new Uint8Array(PAGE);
    await this.#storage.read(offset, bytes, never);
    if (this.#clean.size >= MOST_CLEAN) this.#clean.clear();
    this.#clean.set(offset, bytes);
    return bytes;
  }

  /** Returns the page at `offset` for changes; it becomes part of the next log entry. */
  async edit(offset: number): Promise<Uint8Array> {
    const bytes = await this.page(offset);
    this.#clean.delete(offset);
    this.#dirty.set(offset, bytes);
    return bytes;
  }

  /** Returns a copy of `length` bytes at any `offset`. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (const part of pagesOf(offset, length)) {
      const page = await this.page(part.page);
      bytes.set(page.subarray(part.from, part.from + part.length), part.at);
    }
    return bytes;
  }

  /** Writes `bytes` at any `offset`; pages that do not change stay clean. */
  async patch(offset: number, bytes: Uint8Array): Promise<void> {
    for (const part of pagesOf(offset, bytes.length)) {
      const wanted = bytes.subarray(part.at, part.at + part.length);
      const old = await this.page(part.page);
      if (wanted.every((byte, i) => byte === old[part.from + i])) continue;
      (await this.edit(part.page)).set(wanted, part.from);
    }
  }

  /** Returns the changed pages by offset, as the writes of a log entry, and marks them clean. */
  takeDirty(): LogWrite[] {
    const writes = [...this.#dirty]
      .sort((a, b) => a[0] - b[0])
      .map(([offset, bytes]): LogWrite => ({ kind: 'page', offset, bytes }));
    for (const [offset, bytes] of this.#dirty) this.#clean.set(offset, bytes);
    this.#dirty.clear();
    return writes;
  }

  /** Discards cached pages of a part of the file that gets a new use. */
  forget(offset: number, length: number): void {
    for (const pages of [this.#clean, this.#dirty]) {
      for (const key of pages.keys()) if (key >= offset && key < offset + length) pages.delete(key);
    }
  }
}

function* pagesOf(
  offset: number,
  length: number,
): Generator<{ page: number; from: number; at: number; length: number }> {
  for (let at = 0; at < length;) {
    const from = (offset + at) % PAGE;
    const part = Math.min(PAGE - from, length - at);
    yield { page: offset + at - from, from, at, length: part };
    at += part;
  }
}
