import { isZero } from '../../virtual/zero-scan.ts';
import { MIB, PAGE } from '../structures/layout.ts';

/** Bytes of the BAT that are scanned at once: 131,072 entries. */
export const SLAB = MIB;
/** Size of an entry, in bytes. */
export const ENTRY = 8;

/**
 * A pool of slabs: a deep chain is scanned in thousands of short parts, which would otherwise
 * allocate one each.
 */
const slabs: Buffer[] = [];
const KEPT_SLABS = 2;

/** Takes a slab from the pool; its contents are undefined. */
export const takeSlab = (): Buffer => slabs.pop() ?? Buffer.allocUnsafeSlow(SLAB);

/** Returns a slab to the pool. The caller must not use it afterwards. */
export function giveSlab(slab: Buffer): void {
  if (slabs.length < KEPT_SLABS) slabs.push(slab);
}

/**
 * Returns the offset of the next whole page, at `at` or behind it, that is not all zeros; `at`
 * itself if it is inside a page. Most of a table is zeros: comparing 512 entries at once costs as
 * much as examining a few.
 */
export function skipZeroPages(bytes: Uint8Array, at: number): number {
  let next = at;
  while (next % PAGE === 0 && next + PAGE <= bytes.length) {
    if (!isZero(bytes.subarray(next, next + PAGE))) break;
    next += PAGE;
  }
  return next;
}

/**
 * Returns the offset of the first non-zero entry at `at` or behind it; the end of the piece if
 * there is not one.
 */
export function nextEntry(bytes: Buffer, at: number): number {
  for (let next = skipZeroPages(bytes, at); next < bytes.length;) {
    if (bytes.readUInt32LE(next) !== 0 || bytes.readUInt32LE(next + 4) !== 0) return next;
    next = skipZeroPages(bytes, next + ENTRY);
  }
  return bytes.length;
}
