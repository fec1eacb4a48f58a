import { EngineError } from '../../../base/errors.ts';
import type { VirtualDisk } from '../../../disk/virtual/virtual-disk.ts';
import { backupError } from '../../errors/backup-errors.ts';
import { CELL_SIZE, cellCount, cellLength } from '../../hashes/hash-cell.ts';
import { dataOf } from '../../hashes/hash-disk.ts';
import type { KeepEvidence } from '../contract/method.ts';
import { touchedCells } from '../../tracker/cell-window.ts';
import { CellSample } from '../../tracker/sample.ts';

/** Number of cells that are compared: those with data, and those that our reader takes for zeros. */
const WITH_DATA = 48;
const WITHOUT_DATA = 16;

/** The same disk by two readers. */
export interface TwoReaders {
  readonly slot: string;
  readonly own: VirtualDisk;
  readonly driver: VirtualDisk;
}

/**
 * Compares a sample of the disk as our own reader and Windows' driver read it, zeros included. Keeps
 * both readings of the first cell that differs, and throws `disk.readers`. Returns the error of our own
 * reader if it cannot read the image; null if both read the same.
 */
export async function compareCells(
  readers: TwoReaders,
  keep: KeepEvidence,
  signal: AbortSignal,
): Promise<EngineError | null> {
  const { own, driver, slot } = readers;
  const a = Buffer.allocUnsafeSlow(CELL_SIZE);
  const b = Buffer.allocUnsafeSlow(CELL_SIZE);
  const sample = await orError(sampledCells(own, signal));
  if (sample instanceof EngineError) return sample;
  for (const cell of sample) {
    const offset = cell * CELL_SIZE;
    const length = cellLength(cell, own.size);
    const [ours, theirs] = [a.subarray(0, length), b.subarray(0, length)];
    const failed = await orError(own.read(offset, ours, signal));
    if (failed instanceof EngineError) return failed;
    await driver.read(offset, theirs, signal);
    if (ours.equals(theirs)) continue;
    const at = offset + ours.findIndex((byte, i) => byte !== theirs[i]);
    const kept = [
      await keep(slot, `own-${offset}.bin`, ours, signal),
      await keep(slot, `windows-${offset}.bin`, theirs, signal),
    ];
    throw backupError(
      'disk.readers',
      `Windows and Refpoint read different bytes at ${at} of the disk at ${slot}. Both readings are in the store: ${kept.join(' and ')}`,
      { data: { slot, offset: at, kept } },
    );
  }
  return null;
}

async function orError<T>(work: Promise<T>): Promise<T | EngineError> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return error;
  }
}

/** Draws the cells to compare, in order. */
async function sampledCells(disk: VirtualDisk, signal: AbortSignal): Promise<readonly number[]> {
  const data = new CellSample(WITH_DATA);
  const zeros = new CellSample(WITHOUT_DATA);
  let next = 0;
  for await (const range of dataOf(disk, { start: 0, end: disk.size }, signal)) {
    const { start, end } = touchedCells(range);
    if (start > next) zeros.add({ start: next, end: start });
    if (end > next) data.add({ start: Math.max(start, next), end });
    next = Math.max(next, end);
  }
  const count = cellCount(disk.size);
  if (count > next) zeros.add({ start: next, end: count });
  return [...data.cells, ...zeros.cells].sort((x, y) => x - y);
}
