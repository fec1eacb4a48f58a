import { isZero } from '../../virtual/zero-scan.ts';
import { MIB, PAGE } from '../structures/layout.ts';

/** BAT bytes looked at in one piece: 131,072 entries. */
export const SLAB = MIB;
/** Bytes of an entry. */
export const ENTRY = 8;

/** Slabs that are used again: a deep chain is scanned in thousands of short parts, each with one of its own otherwise. */
const slabs: Buffer[] = [];
const KEPT_SLABS = 2;

/** Memory for a slab; its contents are undefined. */
export const takeSlab = (): Buffer => slabs.pop() ?? Buffer.allocUnsafeSlow(SLAB);

/** Takes a slab back. The caller no longer uses it. */
export function giveSlab(slab: Buffer): void {
  if (slabs.length < KEPT_SLABS) slabs.push(slab);
}

/**
 * Where the next whole page of a piece of the table begins that is not zeros, at `at` or behind it; `at` itself inside of a page. Most
 * of a table is zeros: 512 entries that are compared at once cost as much as a few that are looked at.
 */
export function skipZeroPages(bytes: Uint8Array, at: number): number {
  let next = at;
  while (next % PAGE === 0 && next + PAGE <= bytes.length) {
    if (!isZero(bytes.subarray(next, next + PAGE))) break;
    next += PAGE;
  }
  return next;
}

/** Where the first entry at `at` or behind it lies that is not zero; the end of the piece if all are. */
export function nextEntry(bytes: Buffer, at: number): number {
  for (let next = skipZeroPages(bytes, at); next < bytes.length;) {
    if (bytes.readUInt32LE(next) !== 0 || bytes.readUInt32LE(next + 4) !== 0) return next;
    next = skipZeroPages(bytes, next + ENTRY);
  }
  return bytes.length;
}
