import { baseError } from './base-errors.ts';

/**
 * Bytes `[start, end)`: half-open, in bytes, safe integers. The engine uses no other form of a
 * range.
 */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A range in files and JSON. */
export interface StartLength {
  readonly start: number;
  readonly length: number;
}

export function range(start: number, end: number): Range {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) {
    throw baseError('range.invalid', `[${start}, ${end}) is not a range of bytes`, {
      data: { start, end },
    });
  }
  return { start, end };
}

export const toStartLength = (r: Range): StartLength => ({
  start: r.start,
  length: r.end - r.start,
});

export const fromStartLength = (r: StartLength): Range => range(r.start, r.start + r.length);

/** Returns the smallest range of whole `unit`s that contains `r`. */
export function alignOut(r: Range, unit: number): Range {
  return { start: alignDown(r.start, unit), end: alignUp(r.end, unit) };
}

export const alignDown = (value: number, unit: number): number => value - (value % unit);

export const alignUp = (value: number, unit: number): number => alignDown(value + unit - 1, unit);

/** Splits a range at every multiple of `unit`. */
export function* splitAt(r: Range, unit: number): Generator<Range> {
  for (let start = r.start; start < r.end;) {
    const end = Math.min(alignDown(start, unit) + unit, r.end);
    yield { start, end };
    start = end;
  }
}
