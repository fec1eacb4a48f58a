import type { Range } from '../../base/range.ts';
import { CELL_SIZE, cellLength } from '../hashes/hash-cell.ts';
import { touchedUnits, type TouchedUnit } from '../hashes/touched-units.ts';
import type { BlockWork } from './whole-blocks.ts';

/**
 * Whole hash units that lie beside each other in one cell and are copied together. A small change
 * needs the memory of its unit, not that of its cell.
 */
export interface CopyPiece extends Range {
  /** Parts to read, ordered and apart. */
  readonly parts: readonly Range[];
  /** Parts to store: those that are read, or all of the piece. */
  readonly stored: readonly Range[];
  /** Units that the parts touch; offsets are in the piece. */
  readonly changed: readonly TouchedUnit[];
  /** Units of which the parts do not cover everything that is hashed or stored. */
  readonly fill: readonly TouchedUnit[];
}

/** Divides a cell into pieces, in order. */
export function copyPieces(work: BlockWork, virtualSize: number, unit: number): CopyPiece[] {
  const start = work.cell * CELL_SIZE;
  const end = start + cellLength(work.cell, virtualSize);
  if (work.whole) return [pieceOf({ start, end }, work.parts, [{ start, end }], unit)];
  const pieces: CopyPiece[] = [];
  let parts: Range[] = [];
  let range: Range | undefined;
  for (const part of work.parts) {
    const from = part.start - (part.start % unit);
    const to = Math.min(Math.ceil(part.end / unit) * unit, end);
    if (range !== undefined && from > range.end) {
      pieces.push(pieceOf(range, parts, parts, unit));
      parts = [];
      range = undefined;
    }
    parts.push(part);
    range = { start: range?.start ?? from, end: to };
  }
  if (range !== undefined) pieces.push(pieceOf(range, parts, parts, unit));
  return pieces;
}

function pieceOf(
  range: Range,
  parts: readonly Range[],
  stored: readonly Range[],
  unit: number,
): CopyPiece {
  const length = range.end - range.start;
  const changed = touchedUnits(parts, range.start, length, unit);
  const covered = new Set(changed.flatMap((each) => (each.whole ? [each.unit] : [])));
  const needed = stored === parts ? changed : touchedUnits(stored, range.start, length, unit);
  return {
    ...range,
    parts,
    stored,
    changed,
    fill: needed.filter((each) => !covered.has(each.unit)),
  };
}
