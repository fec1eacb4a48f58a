import { forEachInFlight } from '../../base/in-flight.ts';
import type { Progress } from '../../base/progress.ts';
import type { Range } from '../../base/range.ts';
import { bulkCopy } from '../../disk/bulk/bulk-copy.ts';
import type { BorrowedImage } from '../../disk/image/image-writer.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import type { VhdxWriter } from '../../disk/vhdx/write/vhdx-writer.ts';
import { isZero, zeroRuns } from '../../disk/virtual/zero-scan.ts';
import { PageBuffers } from '../../source/page-buffers.ts';
import { backupError } from '../errors/backup-errors.ts';
import { bulkHashes } from '../hashes/bulk-hashes.ts';
import { cellWork } from '../hashes/cell-work.ts';
import type { ChainHashes } from '../hashes/chain-hashes.ts';
import { CELL_SIZE, cellLength, digestOf } from '../hashes/hash-cell.ts';
import type { HashTreeWriter } from '../hashes/hash-tree-writer.ts';
import { touchedUnits, type TouchedUnit } from '../hashes/touched-units.ts';
import { parentDamage } from './stored-disk.ts';
import { completeBlocks, type BlockWork } from './whole-blocks.ts';

/** Source of a copy; the ranges in `ranges` can be read. */
export interface CopySource {
  readonly size: number;
  readonly sector: number;
  readonly ranges: AsyncIterable<Range> | Iterable<Range>;
  /** The opened disk, if `ranges` are all of its data and `read` reads it. */
  readonly whole?: VirtualDisk | undefined;
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
}

/** The increment's parent in the store, which completes partly changed cells. */
export interface CopyBase {
  readonly disk: VirtualDisk;
  readonly hashes: ChainHashes;
}

export interface CopyResult {
  /** Bytes read from the source. */
  readonly readBytes: number;
  /**
   * Bytes stored, without zeros. In an increment, includes the bytes of the parent that complete
   * blocks.
   */
  readonly storedBytes: number;
}

/** Maximum number of cells in progress: 16 MiB with their buffers. */
const IN_FLIGHT = 8;
/**
 * Zeros are skipped in pieces of this size: the rest of a completed block is often zeros, and gaps
 * in the file cost nothing. Smaller pieces would split data into many writes.
 */
const ZERO_UNIT = 64 * 1024;
/** Number of copied cells after which finished pages of the hash tree are freed. */
const SEAL_EVERY = 4096;

/**
 * Copies ranges of a disk into a new image and its hash tree, cell by cell, with several in
 * progress. Reads each byte once. Skips zeros; an increment records them as zeros, so that they
 * hide the parent's data.
 */
export async function copyDisk(
  source: CopySource,
  writer: VhdxWriter,
  hashes: HashTreeWriter,
  base: CopyBase | null,
  progress: Progress,
  signal: AbortSignal,
): Promise<CopyResult> {
  const bulk = base === null ? await bulkFull(source, writer, hashes, progress, signal) : undefined;
  if (bulk !== undefined) return bulk;
  const buffers = new PageBuffers(CELL_SIZE, IN_FLIGHT);
  const running = new Set<number>();
  let readBytes = 0;
  let storedBytes = 0;
  let done = 0;
  const perCell = CELL_SIZE / hashes.shape.format.unit;
  const one = async (work: BlockWork): Promise<void> => {
    running.add(work.cell);
    const buffer = buffers.take();
    try {
      const stored = await copyCell(source, writer, hashes, base, work, buffer, signal);
      for (const part of work.parts) readBytes += part.end - part.start;
      storedBytes += stored;
      progress.advance(work.parts.reduce((sum, part) => sum + part.end - part.start, 0));
    } finally {
      buffers.give(buffer);
      running.delete(work.cell);
    }
    // Cells come in order, so everything below the lowest one in progress is done.
    if (++done % SEAL_EVERY === 0)
      await hashes.sealBelow(Math.min(work.cell, ...running) * perCell, signal);
  };
  const changed = cellWork(source.ranges, source.size, source.sector);
  const cells = completeBlocks(changed, base === null ? null : writer.metadata);
  await forEachInFlight(cells, IN_FLIGHT, one, signal);
  return { readBytes, storedBytes };
}

/** Copies a whole disk by the native library; undefined if it cannot be used. */
async function bulkFull(
  { whole }: CopySource,
  writer: VhdxWriter,
  hashes: HashTreeWriter,
  progress: Progress,
  signal: AbortSignal,
): Promise<CopyResult | undefined> {
  if (whole === undefined) return undefined;
  const borrow = (): BorrowedImage | undefined => writer.borrow();
  const advance = (bytes: number): void => progress.advance(bytes);
  return bulkCopy({ disk: whole, borrow, ...bulkHashes(hashes, signal), advance }, signal);
}

async function copyCell(
  source: CopySource,
  writer: VhdxWriter,
  hashes: HashTreeWriter,
  base: CopyBase | null,
  { cell, parts, whole }: BlockWork,
  buffer: Buffer,
  signal: AbortSignal,
): Promise<number> {
  const start = cell * CELL_SIZE;
  const bytes = buffer.subarray(0, cellLength(cell, source.size));
  const { unit } = hashes.shape.format;
  const units = touchedUnits(parts, start, bytes.length, unit);
  const stored = whole ? [{ start, end: start + bytes.length }] : parts;
  const changed = new Set(units.filter((each) => each.whole).map((each) => each.unit));
  for (const each of touchedUnits(stored, start, bytes.length, unit)) {
    if (!changed.has(each.unit)) await fillFromBase(base, hashes, each, bytes, signal);
  }
  for (const part of parts) {
    await source.read(part.start, bytes.subarray(part.start - start, part.end - start), signal);
  }
  // Computes hashes on this thread while the thread pool writes. A unit that is only stored to
  // complete its block is unchanged.
  const writing = writeParts(writer, start, bytes, stored, base !== null, signal);
  for (const each of units) nameUnit(hashes, each, bytes);
  return writing;
}

async function writeParts(
  writer: VhdxWriter,
  start: number,
  bytes: Buffer,
  parts: readonly Range[],
  increment: boolean,
  signal: AbortSignal,
): Promise<number> {
  let stored = 0;
  for (const part of parts) {
    const slice = bytes.subarray(part.start - start, part.end - start);
    for (const run of zeroRuns(slice, ZERO_UNIT, part.start)) {
      const at = part.start + run.start;
      if (!run.zero) {
        await writer.write(at, slice.subarray(run.start, run.end), signal);
        stored += run.end - run.start;
      } else if (increment) {
        writer.zero(at, run.end - run.start);
      }
    }
  }
  return stored;
}

function nameUnit(hashes: HashTreeWriter, { unit, start, end }: TouchedUnit, cell: Buffer): void {
  const bytes = cell.subarray(start, end);
  if (isZero(bytes)) hashes.setZero(unit);
  else hashes.set(unit, digestOf(bytes));
}

/**
 * Fills a unit with the parent's bytes and checks them against the recorded hash. Fills it with
 * zeros if there is no parent.
 */
async function fillFromBase(
  base: CopyBase | null,
  hashes: HashTreeWriter,
  { unit, start, end }: TouchedUnit,
  cell: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const bytes = cell.subarray(start, end);
  if (base === null) {
    bytes.fill(0);
    return;
  }
  const offset = unit * hashes.shape.format.unit;
  const recorded = await readParent(base, unit, offset, bytes, signal).catch((error: unknown) => {
    throw parentDamage(error, base.disk.name);
  });
  if (Buffer.compare(digestOf(bytes), recorded) !== 0) {
    throw backupError(
      'parent.damaged',
      `The parent in the store is damaged at ${offset}: its data does not match the recorded hash`,
      { data: { parent: base.disk.name, offset } },
    );
  }
}

async function readParent(
  base: CopyBase,
  unit: number,
  offset: number,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  await base.disk.read(offset, bytes, signal);
  return base.hashes.leaf(unit, signal);
}
