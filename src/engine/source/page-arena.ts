import { alignedMemory } from './page-buffers.ts';

interface Place {
  readonly offset: number;
  readonly order: number;
}

/**
 * Reusable page-aligned buffers of different sizes out of one piece of memory, which is allocated at
 * the first use. Sizes are rounded up to the unit times a power of two; freed neighbours join again
 * (a buddy allocator). If no place is left, or no aligned memory can be had, buffers are ordinary
 * ones.
 */
export class PageArena {
  readonly #unit: number;
  readonly #orders: number;
  #memory: Buffer | undefined;
  /** Free places by order: `unit << order` bytes each. The most recently freed is last. */
  #free: number[][] = [];
  readonly #taken = new Map<Buffer, Place>();

  /**
   * @param unit smallest size in bytes, a multiple of the memory page
   * @param orders number of sizes; the arena has `unit << (orders - 1)` bytes
   */
  constructor(unit: number, orders: number) {
    this.#unit = unit;
    this.#orders = orders;
  }

  /** Returns the bytes that a buffer of `length` bytes takes. */
  sizeFor(length: number): number {
    return this.#unit * 2 ** this.#orderFor(length);
  }

  /** Returns a buffer of `length` bytes whose contents are undefined. */
  take(length: number): Buffer {
    this.#begin();
    const order = this.#orderFor(length);
    const offset = this.#placeOf(order);
    if (this.#memory === undefined || offset === undefined) return Buffer.allocUnsafeSlow(length);
    const buffer = this.#memory.subarray(offset, offset + length);
    this.#taken.set(buffer, { offset, order });
    return buffer;
  }

  /** Returns a buffer to the arena. The caller must not use it afterwards. */
  give(buffer: Buffer): void {
    const place = this.#taken.get(buffer);
    if (place === undefined) return;
    this.#taken.delete(buffer);
    let { offset, order } = place;
    for (; order < this.#orders - 1; order++) {
      const size = this.#unit * 2 ** order;
      const free = this.#free[order] ?? [];
      const at = free.indexOf((offset / size) % 2 === 0 ? offset + size : offset - size);
      if (at < 0) break;
      free.splice(at, 1);
      offset -= offset % (2 * size);
    }
    this.#free[order]?.push(offset);
  }

  #begin(): void {
    if (this.#free.length > 0) return;
    this.#free = Array.from({ length: this.#orders }, () => []);
    this.#memory = alignedMemory(this.#unit * 2 ** (this.#orders - 1));
    if (this.#memory !== undefined) this.#free[this.#orders - 1]?.push(0);
  }

  #orderFor(length: number): number {
    let order = 0;
    while (this.#unit * 2 ** order < length) order++;
    return order;
  }

  /** Takes a free place of an order, from a larger one if necessary. */
  #placeOf(order: number): number | undefined {
    let from = order;
    while (from < this.#orders && this.#free[from]?.length === 0) from++;
    const offset = this.#free[from]?.pop();
    if (offset === undefined) return undefined;
    while (from > order) {
      from--;
      this.#free[from]?.push(offset + this.#unit * 2 ** from);
    }
    return offset;
  }
}
