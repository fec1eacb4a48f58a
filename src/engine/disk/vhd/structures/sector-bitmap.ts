/**
 * Sector bitmap of a block: one bit per sector, most significant bit first. In a differencing image
 * 1 means that the sector is in this file, 0 that it is in the parent. (VHDX has the opposite bit
 * order.)
 */

/** Bits `[start, end)` of equal value. */
export interface BitRun {
  readonly start: number;
  readonly end: number;
  readonly present: boolean;
}

const bit = (bytes: Uint8Array, index: number): boolean =>
  (((bytes[index >>> 3] ?? 0) << (index & 7)) & 0x80) !== 0;

/** Yields the runs of equal bits that cover `[start, end)`, in order. Skips whole bytes at once. */
export function* bitRuns(bytes: Uint8Array, start: number, end: number): Generator<BitRun> {
  for (let at = start; at < end;) {
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

/** Sets bits `[start, end)`. Returns whether any of them was clear. */
export function setBits(bytes: Uint8Array, start: number, end: number): boolean {
  let changed = false;
  for (let i = start; i < end;) {
    const at = i >>> 3;
    const old = bytes[at] ?? 0;
    const whole = (i & 7) === 0 && i + 8 <= end;
    const now = whole ? 0xff : old | (0x80 >>> (i & 7));
    if (now !== old) changed = true;
    bytes[at] = now;
    i += whole ? 8 : 1;
  }
  return changed;
}
