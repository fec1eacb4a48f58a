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
import type { HashTreeWriter } from './hash-tree-writer.ts';

const IN_FLIGHT = 8;
const SEAL_EVERY = 4096;

/** Receives the digests of a disk's units, in any order, and the mark below which none will follow. */
export type UnitSink = Pick<HashTreeWriter, 'shape' | 'set' | 'setZero' | 'sealBelow'>;

/**
 * Reads all data of a disk and passes the digest of each of its units to a sink. Cells without data
 * are zero, and neither read nor passed.
 */
export async function hashDisk(
  disk: VirtualDisk,
  sink: UnitSink,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { unit } = sink.shape.format;
  const advance = (bytes: number): void => progress.advance(bytes);
  if ((await bulkCopy({ disk, ...bulkHashes(sink, signal), advance }, signal)) !== undefined) {
    return;
  }
  const running = new Set<number>();
  const buffers = new PageBuffers(CELL_SIZE, IN_FLIGHT);
  const perCell = CELL_SIZE / unit;
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
      for (let at = 0; at < bytes.length; at += unit) {
        const part = bytes.subarray(at, Math.min(at + unit, bytes.length));
        const number = cell * perCell + at / unit;
        if (isZero(part)) sink.setZero(number);
        else sink.set(number, digestOf(part));
      }
      buffers.give(buffer);
      running.delete(cell);
      progress.advance(bytes.length);
      if (++done % SEAL_EVERY === 0)
        await sink.sealBelow(Math.min(cell, ...running) * perCell, signal);
    },
    signal,
  );
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
