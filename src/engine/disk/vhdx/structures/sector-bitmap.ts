import * as bits from '../../virtual/sector-bits.ts';

/**
 * Sector bitmaps (MS-VHDX 2.4): one bit per sector, least significant bit first; 1: the sector is
 * in this file, 0: it is in the parent. (VHD has the opposite bit order.)
 */

/** Sets or clears bits `[start, end)`. */
export function setBits(bytes: Uint8Array, start: number, end: number, present = true): void {
  bits.setBits(bytes, start, end, bits.LEAST_FIRST, present);
}

/** Yields the runs of equal bits that cover `[start, end)`, in order. */
export const bitRuns = (bytes: Uint8Array, start: number, end: number): Generator<bits.BitRun> =>
  bits.bitRuns(bytes, start, end, bits.LEAST_FIRST);
