import * as bits from '../../virtual/sector-bits.ts';

/**
 * Sector bitmap of a block: one bit per sector, most significant bit first. In a differencing image
 * 1 means that the sector is in this file, 0 that it is in the parent. (VHDX has the opposite bit
 * order.)
 */

/** Yields the runs of equal bits that cover `[start, end)`, in order. */
export const bitRuns = (bytes: Uint8Array, start: number, end: number): Generator<bits.BitRun> =>
  bits.bitRuns(bytes, start, end, bits.MOST_FIRST);

/** Sets bits `[start, end)`. Returns whether any of them was clear. */
export const setBits = (bytes: Uint8Array, start: number, end: number): boolean =>
  bits.setBits(bytes, start, end, bits.MOST_FIRST);
