import type { DataAfter } from '../../source/byte-source.ts';
import { checkRead } from '../../source/read-check.ts';
import { guestError } from '../bytes/guest-errors.ts';
import { mustLieInside, type GuestBytes } from '../bytes/guest-bytes.ts';

/** Maximum number of pieces of one file. */
const MAX_EXTENTS = 1_000_000;

/** A piece of a file: bytes from `start`, stored at `offset` of the volume. Gaps read as zeros. */
export interface FileExtent {
  readonly start: number;
  readonly length: number;
  readonly offset: number;
}

/**
 * Collects the pieces of a file in order, and joins adjacent ones. Throws `guest.damaged` for pieces
 * that overlap, lie outside of the volume, or take more bytes than the volume has, and
 * `guest.limit` for too many.
 */
export class ExtentList {
  readonly #volume: GuestBytes;
  readonly #what: string;
  readonly #list: FileExtent[] = [];
  #stored = 0;
  #end = 0;

  constructor(volume: GuestBytes, what: string) {
    this.#volume = volume;
    this.#what = what;
  }

  get list(): readonly FileExtent[] {
    return this.#list;
  }

  add(start: number, length: number, offset: number): void {
    mustLieInside(this.#volume, offset, length, this.#what);
    this.#stored += length;
    if (start < this.#end || this.#stored > this.#volume.size) {
      const message = `${this.#what} has contents that overlap, or more than its volume holds`;
      throw guestError('guest.damaged', message, { data: { what: this.#what, start, length } });
    }
    this.#end = start + length;
    const last = this.#list.at(-1);
    if (
      last !== undefined &&
      last.start + last.length === start &&
      last.offset + last.length === offset
    ) {
      this.#list[this.#list.length - 1] = { ...last, length: last.length + length };
      return;
    }
    if (this.#list.length >= MAX_EXTENTS) {
      const message = `${this.#what} has more than ${MAX_EXTENTS} pieces`;
      throw guestError('guest.limit', message, { data: { what: this.#what } });
    }
    this.#list.push({ start, length, offset });
  }
}

/** The contents of a file in pieces of its volume. */
export class ExtentBytes implements GuestBytes {
  readonly name: string;
  readonly size: number;
  readonly #volume: GuestBytes;
  readonly #extents: readonly FileExtent[];

  constructor(volume: GuestBytes, extents: readonly FileExtent[], size: number, name: string) {
    this.#volume = volume;
    this.#extents = extents;
    this.size = size;
    this.name = name;
  }

  async read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void> {
    checkRead(this, offset, into.length);
    const end = offset + into.length;
    let at = offset;
    for (let i = this.#indexAt(offset); at < end; i++) {
      const extent = this.#extents[i];
      const start = Math.min(end, Math.max(at, extent?.start ?? end));
      into.fill(0, at - offset, start - offset);
      at = start;
      if (extent === undefined || at >= end) continue;
      const stop = Math.min(end, extent.start + extent.length);
      const part = into.subarray(at - offset, stop - offset);
      await this.#volume.read(extent.offset + at - extent.start, part, signal);
      at = stop;
    }
  }

  /** Returns the lookup of data: what lies between the pieces is a hole. */
  holes(): DataAfter {
    return (from) => {
      const extent = this.#extents[this.#indexAt(from)];
      if (extent === undefined || extent.start >= this.size) return undefined;
      const end = Math.min(this.size, extent.start + extent.length);
      return { start: Math.max(from, extent.start), end };
    };
  }

  /** Returns the index of the first piece that ends behind an offset. */
  #indexAt(offset: number): number {
    let low = 0;
    let high = this.#extents.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const extent = this.#extents[middle] as FileExtent;
      if (extent.start + extent.length > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
