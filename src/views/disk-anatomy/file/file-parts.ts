import type { FileRegion, RegionKind } from '../../../engine/api/anatomy.ts';

/** Returns the part that contains a byte; undefined behind the end of the file. */
export function partAt(parts: readonly FileRegion[], offset: number): FileRegion | undefined {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((parts[middle]?.start ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  // In a damaged file parts may overlap: an earlier part may be longer.
  for (let i = low - 1; i >= 0 && i >= low - 16; i--) {
    const part = parts[i];
    if (part !== undefined && offset < part.start + part.length) return part;
  }
  return undefined;
}

/** A box of the picture: a part, or several consecutive ones. */
export interface PartBox extends FileRegion {
  readonly pieces: number;
}

const MOST_BOXES = 48;
const DATA: readonly RegionKind[] = ['payload', 'bitmap', 'unused', 'unknown'];

/**
 * Returns the boxes of the parts: one each if there are few, otherwise consecutive data parts share
 * one. Structures always have their own.
 */
export function partBoxes(parts: readonly FileRegion[]): readonly PartBox[] {
  const single = parts.map((part): PartBox => ({ ...part, pieces: 1 }));
  if (single.length <= MOST_BOXES) return single;
  const boxes: PartBox[] = [];
  for (const part of single) {
    const last = boxes.at(-1);
    if (last === undefined || !DATA.includes(part.kind) || !DATA.includes(last.kind)) {
      boxes.push(part);
      continue;
    }
    const end = Math.max(last.start + last.length, part.start + part.length);
    const { kind, label } = importance(part.kind) > importance(last.kind) ? part : last;
    const pieces = last.pieces + 1;
    boxes[boxes.length - 1] = { kind, label, start: last.start, length: end - last.start, pieces };
  }
  return boxes;
}

/** Returns the rank of a kind: a box, or a pixel, of several parts is drawn as the highest. */
export function importance(kind: RegionKind): number {
  switch (kind) {
    case 'unused':
      return 0;
    case 'unknown':
      return 1;
    case 'bitmap':
      return 2;
    case 'payload':
      return 3;
    default:
      return 4;
  }
}

export interface KindSum {
  readonly kind: RegionKind;
  readonly bytes: number;
}

/** Returns the bytes of each kind in the file, in the order of first occurrence. */
export function sumsByKind(parts: readonly FileRegion[]): readonly KindSum[] {
  const sums = new Map<RegionKind, number>();
  for (const { kind, length } of parts) sums.set(kind, (sums.get(kind) ?? 0) + length);
  return [...sums].map(([kind, bytes]) => ({ kind, bytes }));
}
