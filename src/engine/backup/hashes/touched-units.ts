import type { Range } from '../../base/range.ts';

/** A hash unit that some part of a cell touches. */
export interface TouchedUnit {
  /** Number of the unit on the disk. */
  readonly unit: number;
  /** Offset of its bytes in the cell. */
  readonly start: number;
  readonly end: number;
  /** Whether the parts cover all of it. */
  readonly whole: boolean;
}

/**
 * Lists the units of a cell of `length` bytes at `cellStart` that `parts` (ordered, apart) touch.
 */
export function touchedUnits(
  parts: readonly Range[],
  cellStart: number,
  length: number,
  unit: number,
): TouchedUnit[] {
  const out: TouchedUnit[] = [];
  for (const part of parts) {
    for (let at = part.start - cellStart; at < part.end - cellStart;) {
      const start = at - (at % unit);
      const end = Math.min(start + unit, length);
      const whole = at === start && part.end - cellStart >= end;
      const number = (cellStart + start) / unit;
      // Two parts may touch one unit.
      if (out.at(-1)?.unit !== number) out.push({ unit: number, start, end, whole });
      at = end;
    }
  }
  return out;
}
