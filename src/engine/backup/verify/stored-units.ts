import { forEachInFlight } from '../../base/in-flight.ts';
import type { Progress } from '../../base/progress.ts';
import type { Range } from '../../base/range.ts';
import { RangeSet } from '../../base/range-set.ts';
import type { ChainDisk } from '../../disk/chain.ts';
import { isZero } from '../../disk/zero-scan.ts';
import { PageBuffers } from '../../source/page-buffers.ts';
import { cellWork, type CellWork } from '../cell-work.ts';
import type { ChainHashes } from '../chain-hashes.ts';
import { differingCells } from '../differing-cells.ts';
import { CELL_SIZE, cellLength, digestOf } from '../hash-cell.ts';
import { sameBytes, zeroNode } from '../hash-shape.ts';
import { touchedUnits } from '../touched-units.ts';

const IN_FLIGHT = 8;

/** A disk at a point: its chain of images, its tree, and the tree of its parent (null for a full). */
export interface StoredTree {
  readonly disk: ChainDisk;
  readonly hashes: ChainHashes;
  readonly parent: ChainHashes | null;
}

/** What a point's own image shows. */
export interface UnitsResult {
  /** Bytes that the image says something about, grown to whole hash units. */
  readonly touched: RangeSet;
  /** Units that differ from the tree. */
  readonly damaged: RangeSet;
}

/**
 * Verifies a disk by the bytes that its own image stores, which proves the whole disk if the parent's disk is proven:
 *
 * - Every unit that the image touches is read and must have the digest that the point's tree names. A unit that the image
 *   covers in part is completed from its parents.
 * - Every unit whose digest differs from the parent's tree must be touched: an entry of the block table or a bit of a sector
 *   bitmap that was lost lets the parent show through.
 * - All other units have the parent's digest and the parent's bytes.
 *
 * So each stored byte is read once for all points of a chain, instead of the whole disk for each point.
 */
export async function verifyUnits(
  { disk, hashes, parent }: StoredTree,
  progress: Progress,
  signal: AbortSignal,
): Promise<UnitsResult> {
  const { unit } = hashes.shape.format;
  const touched: Range[] = [];
  const damaged: Range[] = [];
  const buffers = new PageBuffers(CELL_SIZE, IN_FLIGHT);
  const one = async (work: CellWork): Promise<void> => {
    const buffer = buffers.take();
    try {
      damaged.push(...(await damagedOf(disk, hashes, work, buffer, progress, signal)));
    } finally {
      buffers.give(buffer);
    }
  };
  async function* noted(): AsyncGenerator<Range> {
    for await (const range of ownRanges(disk, parent === null, signal)) {
      addUnits(touched, range, unit, disk.size);
      yield range;
    }
  }
  const cells = cellWork(noted(), disk.size, disk.logicalSectorSize);
  await forEachInFlight(cells, IN_FLIGHT, one, signal);
  const set = RangeSet.of(touched);
  const changed: Range[] = [];
  for await (const range of changedUnits(hashes, parent, signal)) {
    addUnits(changed, range, unit, disk.size);
  }
  const hidden = RangeSet.of(changed).subtract(set);
  return { touched: set, damaged: RangeSet.of(damaged).union(hidden) };
}

/** Parts of the disk that the image itself stores or declares zero. What a full does not store is zero anyway. */
async function* ownRanges(
  { layers, size }: ChainDisk,
  full: boolean,
  signal: AbortSignal,
): AsyncGenerator<Range> {
  const [own] = layers;
  if (own === undefined) return;
  for await (const batch of own.layerExtents({ start: 0, end: size }, signal)) {
    for (const extent of batch) {
      if (extent.kind === 'data' || (extent.kind === 'zero' && !full)) yield extent;
    }
  }
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

/** Units of one cell whose bytes do not have the digest that the tree names. */
async function damagedOf(
  disk: ChainDisk,
  hashes: ChainHashes,
  { cell, parts }: CellWork,
  buffer: Buffer,
  progress: Progress,
  signal: AbortSignal,
): Promise<Range[]> {
  const { shape } = hashes;
  const start = cell * CELL_SIZE;
  const units = touchedUnits(parts, start, cellLength(cell, disk.size), shape.format.unit);
  const bad: Range[] = [];
  for (let i = 0; i < units.length;) {
    // Neighbours in one read.
    let behind = i + 1;
    while (units[behind]?.start === units[behind - 1]?.end) behind++;
    const [from, to] = [units[i]?.start as number, units[behind - 1]?.end as number];
    await disk.read(start + from, buffer.subarray(from, to), signal);
    for (const each of units.slice(i, behind)) {
      const bytes = buffer.subarray(each.start, each.end);
      const expected = await hashes.leaf(each.unit, signal);
      const digest = isZero(bytes) ? zeroNode(shape, 0, each.unit) : digestOf(bytes);
      if (!sameBytes(digest, expected)) {
        bad.push({ start: start + each.start, end: start + each.end });
      }
    }
    progress.advance(to - from);
    i = behind;
  }
  return bad;
}

/**
 * Units, as bytes of the disk, whose digest is not that of the parent's tree, or not that of zeros in a full. Both trees are compared
 * from their roots down, so a change that the point's own file should have and lacks is found as damage to the tree.
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
