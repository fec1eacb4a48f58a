import assert from 'node:assert/strict';
import { createHash, hash } from 'node:crypto';
import type { ByteStorage } from '../../../src/engine/source/byte-source.ts';

const PAGE = 4096;

/** Digests of shared pages: an image copies such a page before it writes. */
const digests = new WeakMap<Uint8Array, Buffer>();

/** The contents of a file as sparse pages; copies share pages until one of them writes. */
export class PageImage {
  #pages: Map<number, Uint8Array>;
  #owned = new Set<number>();
  size: number;

  constructor(pages = new Map<number, Uint8Array>(), size = 0) {
    this.#pages = pages;
    this.size = size;
  }

  /** A file's bytes; pages of zeros take no memory. */
  static of(bytes: Uint8Array): PageImage {
    const image = new PageImage(new Map(), bytes.length);
    const zeros = Buffer.alloc(PAGE);
    for (let at = 0; at < bytes.length; at += PAGE) {
      const page = bytes.subarray(at, at + PAGE);
      if (zeros.compare(page, 0, page.length, 0, page.length) !== 0) image.write(at, page);
    }
    image.size = bytes.length;
    return image;
  }

  /** The pages that hold anything, by offset. */
  *pages(): Generator<readonly [offset: number, bytes: Uint8Array]> {
    for (const [number, page] of this.#pages) {
      const offset = number * PAGE;
      yield [offset, page.subarray(0, Math.min(PAGE, this.size - offset))];
    }
  }

  clone(): PageImage {
    this.#owned.clear();
    return new PageImage(new Map(this.#pages), this.size);
  }

  /** Returns a digest of the size and of the pages; a page of zeros differs from a missing one. */
  fingerprint(): string {
    const numbers = Uint32Array.from(this.#pages.keys()).sort();
    const whole = createHash('sha1').update(numbers);
    for (const number of numbers) whole.update(this.#digest(number));
    return `${this.size} ${whole.digest('hex')}`;
  }

  #digest(number: number): Buffer {
    const page = this.#pages.get(number) as Uint8Array;
    const known = this.#owned.has(number) ? undefined : digests.get(page);
    if (known !== undefined) return known;
    const digest = hash('sha1', page, 'buffer');
    if (!this.#owned.has(number)) digests.set(page, digest);
    return digest;
  }

  read(offset: number, into: Uint8Array): void {
    assert.ok(
      offset + into.length <= this.size,
      `read of ${into.length} at ${offset} of ${this.size}`,
    );
    for (let at = 0; at < into.length;) {
      const within = (offset + at) % PAGE;
      const part = Math.min(PAGE - within, into.length - at);
      const page = this.#pages.get((offset + at - within) / PAGE);
      if (page === undefined) into.fill(0, at, at + part);
      else into.set(page.subarray(within, within + part), at);
      at += part;
    }
  }

  write(offset: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const within = (offset + at) % PAGE;
      const part = Math.min(PAGE - within, bytes.length - at);
      this.#own((offset + at - within) / PAGE).set(bytes.subarray(at, at + part), within);
      at += part;
    }
    this.size = Math.max(this.size, offset + bytes.length);
  }

  resize(size: number): void {
    if (size < this.size) {
      for (const number of this.#pages.keys())
        if (number * PAGE >= size) this.#pages.delete(number);
      if (size % PAGE !== 0) this.#own(Math.floor(size / PAGE)).fill(0, size % PAGE);
    }
    this.size = size;
  }

  #own(number: number): Uint8Array {
    const old = this.#pages.get(number);
    if (old !== undefined && this.#owned.has(number)) return old;
    const page = old?.slice() ?? new Uint8Array(PAGE);
    this.#pages.set(number, page);
    this.#owned.add(number);
    return page;
  }
}

export type StorageEvent =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'resize'; readonly size: number }
  | { readonly kind: 'flush' };

/** A storage in memory; tells every change to `record` once it has happened. */
export class PageStorage implements ByteStorage {
  readonly name: string;
  readonly image: PageImage;
  readonly #record: (event: StorageEvent) => void;

  constructor(
    image: PageImage = new PageImage(),
    name = 'memory',
    record: (event: StorageEvent) => void = () => undefined,
  ) {
    this.image = image;
    this.name = name;
    this.#record = record;
  }

  get size(): number {
    return this.image.size;
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    this.image.read(offset, into);
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    this.image.write(offset, bytes);
    this.#record({ kind: 'write', offset, bytes: bytes.slice() });
  }

  async resize(size: number): Promise<void> {
    this.image.resize(size);
    this.#record({ kind: 'resize', size });
  }

  async flush(): Promise<void> {
    this.#record({ kind: 'flush' });
  }

  async close(): Promise<void> {
    // Nothing is held.
  }
}
