/** Bits of sector bitmaps: one bit per sector, in the order of the format. */

/** Bits `[start, end)` of equal value. */
export interface BitRun {
  readonly start: number;
  readonly end: number;
  readonly present: boolean;
}

/** XOR of a bit's number within its byte: 0 counts from the least significant bit, 7 from the most. */
export type BitOrder = 0 | 7;

export const LEAST_FIRST: BitOrder = 0;
export const MOST_FIRST: BitOrder = 7;

function bit(bytes: Uint8Array, index: number, order: BitOrder): boolean {
  return (((bytes[index >>> 3] ?? 0) >>> ((index & 7) ^ order)) & 1) === 1;
}

/** Sets or clears bits `[start, end)`. Returns whether any of them changed. */
export function setBits(
  bytes: Uint8Array,
  start: number,
  end: number,
  order: BitOrder,
  present = true,
): boolean {
  const whole = present ? 0xff : 0;
  const endOfWhole = end - (end & 7);
  let changed = false;
  for (let i = start; i < end;) {
    if ((i & 7) === 0 && i < endOfWhole) {
      const bytesEnd = endOfWhole >>> 3;
      for (let at = i >>> 3; at < bytesEnd && !changed; at++) changed = bytes[at] !== whole;
      bytes.fill(whole, i >>> 3, bytesEnd);
      i = endOfWhole;
      continue;
    }
    const mask = 1 << ((i & 7) ^ order);
    const old = bytes[i >>> 3] ?? 0;
    const now = present ? old | mask : old & ~mask;
    if (now !== old) changed = true;
    bytes[i >>> 3] = now;
    i++;
  }
  return changed;
}

/** Yields the runs of equal bits that cover `[start, end)`, in order. Skips whole bytes at once. */
export function* bitRuns(
  bytes: Uint8Array,
  start: number,
  end: number,
  order: BitOrder,
): Generator<BitRun> {
  let at = start;
  while (at < end) {
    const present = bit(bytes, at, order);
    const next = endOfRun(bytes, at, end, present, order);
    yield { start: at, end: next, present };
    at = next;
  }
}

function endOfRun(
  bytes: Uint8Array,
  start: number,
  end: number,
  present: boolean,
  order: BitOrder,
): number {
  const whole = present ? 0xff : 0;
  let i = start;
  while (i < end) {
    if ((i & 7) === 0 && i + 8 <= end && bytes[i >>> 3] === whole) {
      i = 8 * otherByte(bytes, (i >>> 3) + 1, end >>> 3, whole);
    } else if (bit(bytes, i, order) === present) i++;
    else return i;
  }
  return end;
}

/** From this many bytes on, words are compared. */
const MANY_BYTES = 32;

/** Returns the index of the first byte in [start, end) that is not `whole`; `end` if all are. */
function otherByte(bytes: Uint8Array, start: number, end: number, whole: 0 | 0xff): number {
  let at = start;
  if (end - start >= MANY_BYTES) {
    while (((bytes.byteOffset + at) & 3) !== 0 && bytes[at] === whole) at++;
    if (((bytes.byteOffset + at) & 3) === 0) {
      const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >>> 2);
      const same = whole === 0 ? 0 : -1;
      let i = 0;
      while (i < words.length && words[i] === same) i++;
      at += 4 * i;
    }
  }
  while (at < end && bytes[at] === whole) at++;
  return at;
}

/** Whether every bit of `[start, end)` is set. */
export function allSet(bytes: Uint8Array, start: number, end: number, order: BitOrder): boolean {
  return (
    start >= end || (bit(bytes, start, order) && endOfRun(bytes, start, end, true, order) === end)
  );
}
