import { forEachInFlight } from '../../base/in-flight.ts';
import type { Progress } from '../../base/progress.ts';
import type { Range } from '../../base/range.ts';
import { RangeSet } from '../../base/range-set.ts';
import type { ChainDisk } from '../../disk/chain/chain.ts';
import type { BorrowedFile, DataAfter } from '../../source/byte-source.ts';
import { isZero } from '../../disk/virtual/zero-scan.ts';
import { cellWork, type CellWork } from '../hashes/cell-work.ts';
import type { ChainHashes } from '../hashes/chain-hashes.ts';
import { differingCells } from '../hashes/differing-cells.ts';
import { CELL_SIZE, cellLength } from '../hashes/hash-cell.ts';
import { DIGEST_SIZE, sameBytes, zeroNode } from '../hashes/hash-shape.ts';
import { touchedUnits, type TouchedUnit } from '../hashes/touched-units.ts';
import { bulkUnits } from './bulk-units.ts';
import { ownParts, Places } from './own-parts.ts';
import { UnitPlaces } from './unit-places.ts';
import { UnitChecks, type BatchBuffers, type Expected } from './unit-checks.ts';

const IN_FLIGHT = 8;
/**
 * Maximum number of units that are looked up one by one. Beyond it, walking down the tree once is
 * cheaper.
 */
const FEW_UNITS = 64;

/**
 * A disk at a point: its chain of images, its tree, and the tree of its parent (null for a full).
 */
export interface StoredTree {
  readonly disk: ChainDisk;
  readonly hashes: ChainHashes;
  readonly parent: ChainHashes | null;
  /** Reports where the file of the first image has data; undefined if unknown. */
  readonly dataAfter?: DataAfter | undefined;
  /**
   * The open file of the first image, if all its data lies in its place there. It is returned when
   * everything is hashed.
   */
  readonly file?: BorrowedFile | undefined;
  /** Uses the native library if possible: so much is stored that its threads gain time. */
  readonly bulk?: boolean;
  /** Takes what a unit's parent holds for zeros if its tree says so ({@link UnitPlaces}). */
  readonly guess?: boolean;
}

/** Result for a point's own image. */
export interface UnitsResult {
  /** Ranges that the image describes, in whole hash units. */
  readonly touched: RangeSet;
  /**
   * Units that differ from the tree; resolves once all are hashed, in the background. Never
   * rejects.
   */
  readonly damaged: Promise<RangeSet>;
  /** Units whose result counts only if neither they nor the parent's are damaged. */
  readonly guessed: RangeSet;
}

/**
 * Verifies a disk by the bytes that its own image stores. This proves the whole disk if the
 * parent's disk is proven:
 *
 * - Every unit that the image touches is read and must match its digest in the point's tree. A unit
 *   that the image covers in part is completed from its parents, or with zeros if their tree says
 *   so.
 * - Every unit whose digest differs from the parent's tree must be touched: if an entry of the
 *   block table or a bit of a sector bitmap is lost, the parent's data shows through.
 * - All other units have the parent's digest and the parent's bytes.
 *
 * So each stored byte is read once for all points of a chain, instead of the whole disk for each
 * point.
 */
export async function verifyUnits(
  { file, ...tree }: StoredTree,
  buffers: BatchBuffers,
  progress: Progress,
  signal: AbortSignal,
): Promise<UnitsResult> {
  const checks = new UnitChecks(buffers, file);
  // Whatever happens here, the thread may still read the file.
  const release = (): void => void checks.damaged().then(() => file?.release());
  try {
    return await findUnits(tree, checks, progress, signal);
  } finally {
    release();
  }
}

async function findUnits(
  { disk, hashes, parent, dataAfter, bulk = false, guess = false }: StoredTree,
  checks: UnitChecks,
  progress: Progress,
  signal: AbortSignal,
): Promise<UnitsResult> {
  const { unit } = hashes.shape.format;
  const touched: Range[] = [];
  const zeros: Range[] = [];
  const own = new Places();
  const places = new UnitPlaces(own, parent, guess);
  async function* noted(): AsyncGenerator<Range> {
    for await (const part of ownParts(disk, parent === null, dataAfter, unit, signal)) {
      addUnits(touched, part, unit, disk.size);
      if (part.zeros) addUnits(zeros, part, unit, disk.size);
      else {
        own.add(part);
        yield part;
      }
    }
  }
  const cells = cellWork(noted(), disk.size, disk.logicalSectorSize);
  const found = bulk
    ? await bulkUnits({ disk, hashes, cells, places }, progress, signal)
    : undefined;
  if (found === undefined) {
    const one = (work: CellWork): Promise<void> =>
      readUnits({ disk, hashes, places, checks }, work, progress, signal);
    await forEachInFlight(cells, IN_FLIGHT, one, signal);
  }
  const hashed = found === undefined ? checks.damaged() : Promise.resolve(found);
  const notZeros: Range[] = [];
  for (const range of zeros) notZeros.push(...(await notZero(hashes, range, signal)));
  const set = RangeSet.of(touched);
  const changed: Range[] = [];
  for await (const range of changedUnits(hashes, parent, signal)) {
    addUnits(changed, range, unit, disk.size);
  }
  const hidden = RangeSet.of(changed).subtract(set);
  const others = RangeSet.of(notZeros).union(hidden);
  const damaged = hashed.then((found) => RangeSet.of(found).union(others));
  return { touched: set, damaged, guessed: places.guessed };
}

/** Returns the units in a range of zeros for which the tree has another digest. */
async function notZero(hashes: ChainHashes, range: Range, signal: AbortSignal): Promise<Range[]> {
  const { shape } = hashes;
  const { unit } = shape.format;
  const bad: Range[] = [];
  const [first, behind] = [range.start / unit, Math.ceil(range.end / unit)];
  if (behind - first <= FEW_UNITS) {
    for (let i = first; i < behind; i++) {
      if (sameBytes(await hashes.leaf(i, signal), zeroNode(shape, 0, i))) continue;
      bad.push({ start: i * unit, end: Math.min((i + 1) * unit, shape.virtualSize) });
    }
    return bad;
  }
  for await (const { start, end, digests } of hashes.leaves(first, behind, signal)) {
    if (digests === null) continue;
    for (let i = start; i < end; i++) {
      const digest = digests.subarray((i - start) * DIGEST_SIZE, (i - start + 1) * DIGEST_SIZE);
      if (sameBytes(digest, zeroNode(shape, 0, i))) continue;
      bad.push({ start: i * unit, end: Math.min((i + 1) * unit, shape.virtualSize) });
    }
  }
  return bad;
}

function addUnits(list: Range[], { start, end }: Range, unit: number, size: number): void {
  const from = start - (start % unit);
  const to = Math.min(Math.ceil(end / unit) * unit, size);
  const last = list.at(-1);
  if (last !== undefined && from <= last.end) {
    list[list.length - 1] = { start: last.start, end: Math.max(last.end, to) };
  } else {
    list.push({ start: from, end: to });
  }
}

interface UnitReading extends Pick<StoredTree, 'disk' | 'hashes'> {
  readonly places: UnitPlaces;
  readonly checks: UnitChecks;
}

/** Reads the units of one cell, and passes them to the checks with the tree's digests. */
async function readUnits(
  { disk, hashes, places, checks }: UnitReading,
  { cell, parts }: CellWork,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { shape } = hashes;
  const start = cell * CELL_SIZE;
  const units = touchedUnits(parts, start, cellLength(cell, disk.size), shape.format.unit);
  for (let i = 0; i < units.length;) {
    // Reads neighbouring units at once.
    let behind = i + 1;
    while (units[behind]?.start === units[behind - 1]?.end) behind++;
    const [from, to] = [units[i]?.start as number, units[behind - 1]?.end as number];
    const range = { start: start + from, end: start + to };
    const place = places.find(range);
    if (place !== undefined && checks.readsFile) {
      for (const each of units.slice(i, behind)) {
        const digest = hashes.cachedLeaf(each.unit) ?? (await hashes.leaf(each.unit, signal));
        const part = { start: start + each.start, end: start + each.end, digest };
        await checks.inFile(place + each.start - from, part);
      }
      progress.advance(to - from);
      i = behind;
      continue;
    }
    const slot = checks.slot(range);
    if (place !== undefined) await disk.layers[0]?.readData(range.start, place, slot.bytes, signal);
    else {
      const put = { disk, places, parts };
      await fillUnits(put, start, units.slice(i, behind), range, slot.bytes, signal);
    }
    const expected: Expected[] = [];
    for (const each of units.slice(i, behind)) {
      const digest = await hashes.leaf(each.unit, signal);
      // Zeros need no hashing if zeros are expected.
      const zeros =
        sameBytes(digest, zeroNode(shape, 0, each.unit)) &&
        isZero(slot.bytes.subarray(each.start - from, each.end - from));
      if (!zeros) expected.push({ start: start + each.start, end: start + each.end, digest });
    }
    slot.filled(expected);
    progress.advance(to - from);
    i = behind;
  }
}

/** Reads neighbouring units, each from the file alone if the rest of it is zeros. */
async function fillUnits(
  {
    disk,
    places,
    parts,
  }: Pick<UnitReading, 'disk' | 'places'> & { readonly parts: readonly Range[] },
  cellStart: number,
  units: readonly TouchedUnit[],
  within: Range,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  for (const each of units) {
    const range = { start: cellStart + each.start, end: cellStart + each.end };
    const into = bytes.subarray(range.start - within.start, range.end - within.start);
    const stored = await places.partsOf(each.unit, range, parts, signal);
    if (stored === undefined) {
      await disk.read(range.start, into, signal);
      continue;
    }
    into.fill(0);
    for (const { start, end, offset } of stored) {
      const part = into.subarray(start - range.start, end - range.start);
      await disk.layers[0]?.readData(start, offset, part, signal);
    }
  }
}

/**
 * Yields units, as ranges of the disk, whose digest differs from the parent's tree, or from zeros
 * in a full. Compares both trees from their roots down, so a change that is missing in the point's
 * own file is reported as damage to the tree.
 */
async function* changedUnits(
  hashes: ChainHashes,
  parent: ChainHashes | null,
  signal: AbortSignal,
): AsyncGenerator<Range> {
  if (parent !== null) {
    yield* differingCells(hashes, parent, signal);
    return;
  }
  const { units, format, virtualSize } = hashes.shape;
  for await (const { start, end, digests } of hashes.leaves(0, units, signal)) {
    if (digests === null) continue;
    yield { start: start * format.unit, end: Math.min(end * format.unit, virtualSize) };
  }
}
