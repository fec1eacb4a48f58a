import { alignDown } from '../../base/range.ts';
import { PUMP_CELL, type PumpExtent } from '../../native/loops/pump.ts';
import { extentBatches } from '../chain/extent-batches.ts';
import type { VirtualDisk } from '../virtual/virtual-disk.ts';
import type { PumpBatch } from './run-pump.ts';

/** Cells and extents of a batch, about: little memory, and some tenths of a second of work. */
const BATCH_CELLS = 256;
const BATCH_EXTENTS = 8192;
/** Long extents are split at multiples of this, so that a batch ends soon. */
const STEP = 64 * PUMP_CELL;

/**
 * Yields the data of a disk as batches for a pump: files are the layers, by depth. Streams the
 * disk's map. Batches meet at multiples of `granule` only.
 * @param granule a multiple of a cell: the block size of a target.
 */
export async function* pumpBatches(
  disk: VirtualDisk,
  granule: number,
  signal: AbortSignal,
): AsyncGenerator<PumpBatch> {
  const step = Math.max(STEP, granule);
  let batch: PumpExtent[] = [];
  let cells = 0;
  let last = -1;
  for await (const extents of extentBatches(disk, { start: 0, end: disk.size }, signal)) {
    for (const extent of extents) {
      if (extent.kind !== 'data') continue;
      const { start, length, depth: file } = extent;
      const offset = extent.offset as number;
      for (let at = start; at < start + length;) {
        const full = cells >= BATCH_CELLS || batch.length >= BATCH_EXTENTS;
        if (full && Math.floor(at / granule) !== last) {
          yield { a: batch };
          batch = [];
          cells = 0;
        }
        const end = Math.min(start + length, alignDown(at, step) + step);
        batch.push({ start: at, length: end - at, offset: offset + at - start, file });
        cells += Math.ceil((end - at) / PUMP_CELL);
        last = Math.floor((end - 1) / granule);
        at = end;
      }
    }
  }
  if (batch.length > 0) yield { a: batch };
}
