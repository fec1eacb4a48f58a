import { MIB } from '../../vhdx/structures/layout.ts';
import { UnitBits } from '../../inspect/unit-bits.ts';

/** Maximum number of units (128 TiB) that are tracked; no image is longer. */
const MAX_UNITS = 2 ** 27;

/**
 * Tracks which units of the file hold structures, payload blocks or sector bitmaps. Blocks begin at
 * whole MiB.
 */
export class FileSpace {
  readonly structures: UnitBits;
  readonly payload: UnitBits;
  readonly bitmaps: UnitBits;
  readonly units: number;

  constructor(fileSize: number) {
    this.units = Math.min(MAX_UNITS, Math.ceil(fileSize / MIB));
    this.structures = new UnitBits(this.units);
    this.payload = new UnitBits(this.units);
    this.bitmaps = new UnitBits(this.units);
  }

  addStructure(offset: number, length: number): void {
    const end = Math.min(this.units, Math.ceil((offset + length) / MIB));
    for (let unit = Math.floor(offset / MIB); unit < end; unit++) this.structures.add(unit);
  }

  /**
   * Marks a block. Returns what it overlaps: a structure, another block, or nothing. Units in use
   * keep their first owner, so that the picture shows each part once.
   */
  addBlock(
    kind: 'payload' | 'bitmap',
    offset: number,
    length: number,
  ): 'structure' | 'block' | null {
    const own = kind === 'payload' ? this.payload : this.bitmaps;
    const other = kind === 'payload' ? this.bitmaps : this.payload;
    const end = Math.min(this.units, Math.ceil((offset + length) / MIB));
    let hit: 'structure' | 'block' | null = null;
    for (let unit = Math.floor(offset / MIB); unit < end; unit++) {
      if (this.structures.has(unit)) hit = 'structure';
      else if (other.has(unit) || own.add(unit)) hit ??= 'block';
    }
    return hit;
  }

  /** Number of units without an owner. */
  get unused(): number {
    const used = this.structures.count() + this.payload.count() + this.bitmaps.count();
    return Math.max(0, this.units - used);
  }
}

/** Units [start, end) of blocks; `pieces` runs were joined, including the gaps between them. */
export interface BlockSpan {
  readonly kind: 'payload' | 'bitmap';
  readonly start: number;
  readonly end: number;
  readonly pieces: number;
}

/**
 * Returns the blocks of the file as at most `limit` spans. If there are more runs, joins nearby
 * ones, never across a structure. A joined span counts as payload unless it holds bitmaps only.
 */
export function blockSpans(space: FileSpace, limit: number): readonly BlockSpan[] {
  for (let gap = 0; ; gap = gap === 0 ? 1 : gap * 2) {
    const spans = joined(space, gap, limit);
    if (spans !== undefined) return spans;
    if (gap > space.units) return [];
  }
}

function joined(space: FileSpace, gap: number, limit: number): BlockSpan[] | undefined {
  const spans: BlockSpan[] = [];
  // Searched once behind each structure: a search from every run would read the rest of a long file
  // each time.
  let structure = space.structures.next(0, true);
  for (const run of runs(space)) {
    const last = spans.at(-1);
    const near = last !== undefined && gap > 0 && run.start - last.end < gap;
    if (near && structure < last.end) structure = space.structures.next(last.end, true);
    const apart = near && structure < run.start;
    if (last !== undefined && near && !apart) {
      const kind = last.kind === 'bitmap' && run.kind === 'bitmap' ? 'bitmap' : 'payload';
      const pieces = last.pieces + 1;
      spans[spans.length - 1] = { kind, start: last.start, end: run.end, pieces };
      continue;
    }
    spans.push({ ...run, pieces: 1 });
    if (spans.length > limit) return undefined;
  }
  return spans;
}

function* runs({ payload, bitmaps, units }: FileSpace): Generator<Omit<BlockSpan, 'pieces'>> {
  let nextPayload = payload.next(0, true);
  let nextBitmap = bitmaps.next(0, true);
  while (nextPayload < units || nextBitmap < units) {
    const kind = nextPayload < nextBitmap ? 'payload' : 'bitmap';
    const bits = kind === 'payload' ? payload : bitmaps;
    const start = Math.min(nextPayload, nextBitmap);
    const end = bits.next(start, false);
    yield { kind, start, end };
    if (kind === 'payload') nextPayload = payload.next(end, true);
    else nextBitmap = bitmaps.next(end, true);
  }
}
