import type { Progress } from '../../base/progress.ts';
import type { Range } from '../../base/range.ts';
import { bulkCopy } from '../../disk/bulk/bulk-copy.ts';
import { leafDigests } from '../../disk/bulk/bulk-leaves.ts';
import type { PumpBatch } from '../../disk/bulk/run-pump.ts';
import type { ChainDisk } from '../../disk/chain/chain.ts';
import type { CellWork } from '../hashes/cell-work.ts';
import type { ChainHashes } from '../hashes/chain-hashes.ts';
import { CELL_SIZE, cellLength } from '../hashes/hash-cell.ts';
import { sameBytes, zeroNode } from '../hashes/hash-shape.ts';
import { touchedUnits, type TouchedUnit } from '../hashes/touched-units.ts';
import type { UnitPlaces } from './unit-places.ts';

/** Cells and extents of a batch, about: little memory, and some tenths of a second of work. */
const BATCH_CELLS = 256;
const BATCH_EXTENTS = 8192;

type PumpExtent = PumpBatch['a'][number];

/** The parts that a point's own image stores, and the tree that they must match. */
export interface UnitWork {
  readonly disk: ChainDisk;
  readonly hashes: ChainHashes;
  readonly cells: AsyncGenerator<CellWork>;
  /** Offsets in the first image's file of parts that `cells` has yielded. */
  readonly places: UnitPlaces;
}

/**
 * Reads and hashes the units of all cells by the native library. Returns the units that differ from
 * the tree, in order; undefined, before anything is taken from `cells`, if the library or the files
 * do not allow it.
 */
export async function bulkUnits(
  work: UnitWork,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly Range[] | undefined> {
  const { disk, hashes } = work;
  const { shape } = hashes;
  const { unit } = shape.format;
  const damaged: Range[] = [];
  /** Units of the batches that were passed on and have no result yet. */
  const waiting: (readonly number[])[] = [];
  const check = async (
    units: readonly number[],
    digests: ReadonlyMap<number, Uint8Array>,
  ): Promise<void> => {
    for (const each of units) {
      const found = digests.get(each) ?? zeroNode(shape, 0, each);
      if (sameBytes(found, await hashes.leaf(each, signal))) continue;
      damaged.push({ start: each * unit, end: Math.min((each + 1) * unit, disk.size) });
    }
  };
  async function* batches(): AsyncGenerator<PumpBatch> {
    let extents: PumpExtent[] = [];
    let units: number[] = [];
    let cells = 0;
    for await (const { cell, parts } of work.cells) {
      const start = cell * CELL_SIZE;
      const touched = touchedUnits(parts, start, cellLength(cell, disk.size), unit);
      for (const run of unitRuns(touched)) {
        extents.push(...(await extentsOf(work, run, parts, start, signal)));
      }
      for (const each of touched) units.push(each.unit);
      if (++cells < BATCH_CELLS && extents.length < BATCH_EXTENTS) continue;
      // Units without any data are not read: a batch needs data.
      if (extents.length === 0) continue;
      waiting.push(units);
      yield { a: extents };
      [extents, units, cells] = [[], [], 0];
    }
    if (extents.length > 0) {
      waiting.push(units);
      yield { a: extents };
    } else await check(units, new Map());
  }
  const done = await bulkCopy(
    {
      disk,
      leaf: unit,
      batches,
      result: (result) => check(waiting.shift() ?? [], leafDigests(result, unit)),
      advance: (bytes) => progress.advance(bytes),
    },
    signal,
  );
  return done === undefined ? undefined : damaged.sort((a, b) => a.start - b.start);
}

/** Yields runs of neighbouring units of a cell. */
function* unitRuns(units: readonly TouchedUnit[]): Generator<readonly TouchedUnit[]> {
  for (let i = 0; i < units.length;) {
    let behind = i + 1;
    while (units[behind]?.start === units[behind - 1]?.end) behind++;
    yield units.slice(i, behind);
    i = behind;
  }
}

/** Returns where the data of whole units lies; what the own image lacks is in its parents. */
async function extentsOf(
  { disk, places }: UnitWork,
  run: readonly TouchedUnit[],
  parts: readonly Range[],
  cellStart: number,
  signal: AbortSignal,
): Promise<readonly PumpExtent[]> {
  const rangeOf = (from: TouchedUnit, to: TouchedUnit): Range => ({
    start: cellStart + from.start,
    end: cellStart + to.end,
  });
  const inFile = ({ start, end }: Range, offset: number): PumpExtent => {
    return { start, length: end - start, offset, file: 0 };
  };
  const whole = rangeOf(run[0] as TouchedUnit, run.at(-1) as TouchedUnit);
  const place = places.find(whole);
  if (place !== undefined) return [inFile(whole, place)];
  const extents: PumpExtent[] = [];
  for (const each of run) {
    const range = rangeOf(each, each);
    const stored = await places.partsOf(each.unit, range, parts, signal);
    if (stored === undefined) extents.push(...(await disk.places(range, signal)));
    else extents.push(...stored.map((part) => inFile(part, part.offset)));
  }
  return extents;
}
