import type { Range } from '../../base/range.ts';
import { extentBatches } from '../../disk/chain/extent-batches.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import type { ChainHashes } from '../hashes/chain-hashes.ts';
import { CELL_SIZE, cellCount } from '../hashes/hash-cell.ts';
import { CellWindow, touchedCells } from './cell-window.ts';
import { RangeCursor } from './range-cursor.ts';
import { recordedCells } from './recorded-cells.ts';
import { CellSample, sampleSize } from './sample.ts';

/** Number of cells that are examined together: 64 GiB of the disk, whatever its size. */
const WINDOW = 2 ** 16;

export interface SampledDisk {
  readonly disk: VirtualDisk;
  /** Ranges that the increment copied, in order. */
  readonly changed: AsyncIterable<Range> | Iterable<Range>;
  /** Number of bytes that it read. */
  readonly readBytes: number;
}

/**
 * Draws a sample of the cells that contain data, in the disk or in the point, and that the
 * increment did not copy. Reads only tables: those of the disk's images, and the hash tree down to
 * the nodes of whole cells.
 */
export async function drawSample(
  { disk, changed, readBytes }: SampledDisk,
  hashes: ChainHashes,
  signal: AbortSignal,
): Promise<CellSample> {
  const sample = new CellSample(sampleSize(readBytes, CELL_SIZE));
  const taken = new RangeCursor(changed);
  const count = cellCount(disk.size);
  try {
    for (let start = 0; start < count; start += WINDOW) {
      const cells = new CellWindow({ start, end: Math.min(start + WINDOW, count) });
      await addData(cells, disk, signal);
      for await (const runs of recordedCells(hashes, cells.cells, signal)) {
        for (const run of runs) cells.add(run);
      }
      for (const range of await taken.before(cells.bytes.end)) cells.remove(touchedCells(range));
      for (const run of cells.runs()) sample.add(run);
    }
    return sample;
  } finally {
    await taken.close();
  }
}

async function addData(cells: CellWindow, disk: VirtualDisk, signal: AbortSignal): Promise<void> {
  const { start, end } = cells.bytes;
  const within = { start, end: Math.min(end, disk.size) };
  for await (const extents of extentBatches(disk, within, signal)) {
    for (const extent of extents) {
      if (extent.kind !== 'data') continue;
      cells.add(touchedCells({ start: extent.start, end: extent.start + extent.length }));
    }
  }
}
