import { EngineError, isEngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { checkRead } from '../../source/read-check.ts';
import type { RepairStorage } from '../image/image-repairs.ts';
import { diskError } from '../virtual/disk-errors.ts';

const PAGE = 4096;
/** Maximum number of changed pages: 256 MiB of memory, less if they are zeros. */
const MAX_PAGES = 65_536;
const ZEROS = new Uint8Array(PAGE);

/** A part of the file that a draft changes. */
export interface DraftChange {
  readonly offset: number;
  /** New bytes, of any length up to 4 KiB. */
  readonly bytes: Uint8Array;
}

/**
 * A file with changes in memory: repairs run on it as on the file, and what they changed is then
 * shown, written into a copy, or written into the file itself. Does not own the file.
 */
export class Draft implements RepairStorage {
  readonly name: string;
  readonly #file: ByteSource;
  /** New pages by number; a page is replaced, never changed. */
  #pages = new Map<number, Uint8Array>();
  #size: number;

  constructor(file: ByteSource) {
    this.name = file.name;
    this.#file = file;
    this.#size = file.size;
  }

  get size(): number {
    return this.#size;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    checkRead(this, offset, into.length);
    await this.#readFile(offset, into, signal);
    for (const part of pagesOf(offset, into.length)) {
      const page = this.#pages.get(part.number);
      if (page !== undefined) into.set(page.subarray(part.from, part.from + part.length), part.at);
    }
  }

  async write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    for (const { number, from, at, length } of pagesOf(offset, bytes.length)) {
      const page = await this.#page(number, signal);
      const next = page.slice();
      next.set(bytes.subarray(at, at + length), from);
      this.#pages.set(number, next.every((byte) => byte === 0) ? ZEROS : next);
    }
    if (this.#pages.size > MAX_PAGES) {
      throw diskError(
        'disk.repair.limit',
        `The repair of ${this.name} would change more than ${MAX_PAGES * PAGE} bytes`,
        { data: { path: this.name, expected: MAX_PAGES * PAGE } },
      );
    }
    this.#size = Math.max(this.#size, offset + bytes.length);
  }

  /** Only extends: no repair makes a file shorter. */
  async resize(size: number): Promise<void> {
    this.#size = Math.max(this.#size, size);
    return Promise.resolve();
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async attempt<T>(work: () => Promise<T>): Promise<T | EngineError> {
    const [pages, size] = [new Map(this.#pages), this.#size];
    try {
      return await work();
    } catch (error) {
      if (!isEngineError(error)) throw error;
      [this.#pages, this.#size] = [pages, size];
      return error;
    }
  }

  /** Yields what differs from the file, in order. */
  async *changes(signal: AbortSignal): AsyncGenerator<DraftChange> {
    const old = new Uint8Array(PAGE);
    for (const [number, page] of [...this.#pages].sort((a, b) => a[0] - b[0])) {
      const offset = number * PAGE;
      const bytes = page.subarray(0, Math.min(PAGE, this.#size - offset));
      await this.#readFile(offset, old, signal);
      const beyond = offset + bytes.length > this.#file.size;
      if (beyond || bytes.some((byte, i) => byte !== old[i])) yield { offset, bytes };
    }
  }

  async #page(number: number, signal: AbortSignal): Promise<Uint8Array> {
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    const bytes = new Uint8Array(PAGE);
    await this.#readFile(number * PAGE, bytes, signal);
    return bytes;
  }

  /** Bytes behind the end of the file are zeros. */
  async #readFile(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    const there = Math.max(0, Math.min(into.length, this.#file.size - offset));
    into.fill(0, there);
    if (there > 0) await this.#file.read(offset, into.subarray(0, there), signal);
  }
}

function* pagesOf(
  offset: number,
  length: number,
): Generator<{ number: number; from: number; at: number; length: number }> {
  for (let at = 0; at < length;) {
    const from = (offset + at) % PAGE;
    const part = Math.min(PAGE - from, length - at);
    yield { number: (offset + at - from) / PAGE, from, at, length: part };
    at += part;
  }
}
