import { forEachInFlight } from '../../base/in-flight.ts';
import type { Progress } from '../../base/progress.ts';
import type { Range } from '../../base/range.ts';
import { bulkCopy } from '../../disk/bulk/bulk-copy.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import { isZero } from '../../disk/virtual/zero-scan.ts';
import { PageBuffers } from '../../source/page-buffers.ts';
import { bulkHashes } from './bulk-hashes.ts';
import { cellWork } from './cell-work.ts';
import { CELL_SIZE, cellLength, digestOf } from './hash-cell.ts';
import type { HashFormat } from './hash-format.ts';
import { HashTreeWriter } from './hash-tree-writer.ts';

const IN_FLIGHT = 8;
const SEAL_EVERY = 4096;

/**
 * Computes the hash root of a disk in a format by reading all of its data. Cells without data are
 * zero and not read.
 */
export async function diskRoot(
  disk: VirtualDisk,
  format: HashFormat,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const tree = HashTreeWriter.begin(null, disk.size, format, null);
  const advance = (bytes: number): void => progress.advance(bytes);
  if ((await bulkCopy({ disk, ...bulkHashes(tree, signal), advance }, signal)) !== undefined) {
    return (await tree.finish(signal)).root;
  }
  const running = new Set<number>();
  const buffers = new PageBuffers(CELL_SIZE, IN_FLIGHT);
  const perCell = CELL_SIZE / format.unit;
  let done = 0;
  const data = dataOf(disk, { start: 0, end: disk.size }, signal);
  const cells = cellWork(data, disk.size, disk.logicalSectorSize);
  await forEachInFlight(
    cells,
    IN_FLIGHT,
    async ({ cell }) => {
      running.add(cell);
      const buffer = buffers.take();
      const bytes = buffer.subarray(0, cellLength(cell, disk.size));
      await disk.read(cell * CELL_SIZE, bytes, signal);
      for (let at = 0; at < bytes.length; at += format.unit) {
        const part = bytes.subarray(at, Math.min(at + format.unit, bytes.length));
        const unit = cell * perCell + at / format.unit;
        if (isZero(part)) tree.setZero(unit);
        else tree.set(unit, digestOf(part));
      }
      buffers.give(buffer);
      running.delete(cell);
      progress.advance(bytes.length);
      if (++done % SEAL_EVERY === 0)
        await tree.sealBelow(Math.min(cell, ...running) * perCell, signal);
    },
    signal,
  );
  return (await tree.finish(signal)).root;
}

/** Yields the ranges of a disk that may hold data, in order. */
export async function* dataOf(
  disk: VirtualDisk,
  within: Range,
  signal: AbortSignal,
): AsyncGenerator<Range> {
  for await (const extent of disk.extents(within, signal)) {
    if (extent.kind === 'data') yield { start: extent.start, end: extent.start + extent.length };
  }
}
