/**
 * Sector bitmaps (MS-VHDX 2.4): one bit per sector, least significant bit first; 1: the sector is
 * in this file, 0: it is in the parent. (VHD has the opposite bit order.)
 */

/** Bits `[start, end)` of equal value. */
export interface BitRun {
  readonly start: number;
  readonly end: number;
  readonly present: boolean;
}

function bit(bytes: Uint8Array, index: number): boolean {
  return (((bytes[index >>> 3] ?? 0) >>> (index & 7)) & 1) === 1;
}

/** Sets or clears bits `[start, end)`. */
export function setBits(bytes: Uint8Array, start: number, end: number, present = true): void {
  let i = start;
  while (i < end && (i & 7) !== 0) setBit(bytes, i++, present);
  const wholeEnd = end - ((end - i) & 7);
  if (i < wholeEnd) {
    bytes.fill(present ? 0xff : 0, i >>> 3, wholeEnd >>> 3);
    i = wholeEnd;
  }
  while (i < end) setBit(bytes, i++, present);
}

function setBit(bytes: Uint8Array, index: number, present: boolean): void {
  const at = index >>> 3;
  const mask = 1 << (index & 7);
  const old = bytes[at] ?? 0;
  bytes[at] = present ? old | mask : old & ~mask;
}

/** Yields the runs of equal bits that cover `[start, end)`, in order. Skips whole bytes at once. */
export function* bitRuns(bytes: Uint8Array, start: number, end: number): Generator<BitRun> {
  let at = start;
  while (at < end) {
    const present = bit(bytes, at);
    const next = endOfRun(bytes, at, end, present);
    yield { start: at, end: next, present };
    at = next;
  }
}

function endOfRun(bytes: Uint8Array, start: number, end: number, present: boolean): number {
  const whole = present ? 0xff : 0;
  let i = start;
  while (i < end) {
    if ((i & 7) === 0 && i + 8 <= end && bytes[i >>> 3] === whole) i += 8;
    else if (bit(bytes, i) === present) i++;
    else return i;
  }
  return end;
}

/** Whether every bit of `[start, end)` is set. */
export function allSet(bytes: Uint8Array, start: number, end: number): boolean {
  return start >= end || (bit(bytes, start) && endOfRun(bytes, start, end, true) === end);
}
