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
 * Splits a buffer into runs of zero and non-zero units of `granularity` bytes; the last unit may be
 * shorter.
 */
export function* zeroRuns(bytes: Uint8Array, granularity: number): Generator<ZeroRun> {
  let start = 0;
  let zero: boolean | undefined;
  for (let at = 0; at < bytes.length; at += granularity) {
    const unit = isZero(bytes.subarray(at, Math.min(at + granularity, bytes.length)));
    if (zero !== undefined && unit !== zero) {
      yield { start, end: at, zero };
      start = at;
    }
    zero = unit;
  }
  if (zero !== undefined) yield { start, end: bytes.length, zero };
}
