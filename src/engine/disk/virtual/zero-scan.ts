import type { Range } from '../../base/range.ts';

const ZEROS = Buffer.alloc(1 << 20);

/** Whether every byte is zero: compares with shared zeros by memcmp, 1 MiB at a time. */
export function isZero(bytes: Uint8Array): boolean {
  // Data that is not zero usually shows that in its first byte.
  if (bytes.length > 0 && bytes[0] !== 0) return false;
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const end = Math.min(at + ZEROS.length, bytes.length);
    if (ZEROS.compare(bytes, at, end, 0, end - at) !== 0) return false;
  }
  return true;
}

/** A part of a buffer that is all zero, or is not, in units of the granularity. */
export interface ZeroRun extends Range {
  readonly zero: boolean;
}

/**
 * Splits a buffer into runs of zero and non-zero units of `granularity` bytes; the first and the
 * last unit may be shorter.
 * @param offset of the buffer: units begin at multiples of the granularity.
 */
export function* zeroRuns(bytes: Uint8Array, granularity: number, offset = 0): Generator<ZeroRun> {
  let start = 0;
  let zero: boolean | undefined;
  let end = 0;
  for (let at = 0; at < bytes.length; at = end) {
    end = Math.min(at + granularity - ((offset + at) % granularity), bytes.length);
    const unit = isZero(bytes.subarray(at, end));
    if (zero !== undefined && unit !== zero) {
      yield { start, end: at, zero };
      start = at;
    }
    zero = unit;
  }
  if (zero !== undefined) yield { start, end: bytes.length, zero };
}
