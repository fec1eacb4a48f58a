import { forEachInFlight } from '../../../base/in-flight.ts';
import type { Progress } from '../../../base/progress.ts';
import { formatNamed } from '../../../disk/formats/formats.ts';
import type { ImageWriter, NewDisk } from '../../../disk/image/image-writer.ts';
import type { VirtualDisk } from '../../../disk/virtual/virtual-disk.ts';
import { isZero } from '../../../disk/virtual/zero-scan.ts';
import { incrementBlockSize } from '../../../disk/vhdx/structures/block-size.ts';
import type { PartWriter } from '../../../source/byte-source.ts';
import { PageBuffers } from '../../../source/page-buffers.ts';
import type { DiskDifference } from './compare-disk.ts';
import { hashFormat } from '../../hashes/hash-format.ts';
import type { CurrentDisk, OverDiskPlan } from './plan-over.ts';

const IN_FLIGHT = 8;
const PIECE = 2 ** 20;

/**
 * Writes a differencing image on the VM's file that holds the parts in which the point differs from
 * it, and nothing else. Leaves nothing behind if it fails.
 * @param part the new image, whose final place is beside the VM's file; abandoned if this fails
 */
export async function writeDiffering(
  point: VirtualDisk,
  { disk, record }: OverDiskPlan,
  { layers: [top] }: CurrentDisk,
  difference: DiskDifference,
  part: PartWriter,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { logicalSectorSize, virtualSize } = record;
  const { physicalSectorSize, diskId } = top;
  const image: NewDisk = {
    size: virtualSize,
    subformat: 'differencing',
    logicalSectorSize,
    physicalSectorSize: Math.max(logicalSectorSize, physicalSectorSize ?? 4096),
    blockSize: incrementBlockSize(virtualSize, logicalSectorSize as 512 | 4096),
    ...(diskId === undefined ? {} : { diskId }),
    parent: {
      identity: top.identity,
      size: top.size,
      relativePath: disk.path.split('\\').at(-1),
      absolutePath: disk.path,
    },
  };
  let writer: ImageWriter | undefined;
  try {
    writer = formatNamed('vhdx').writes?.create(part, image);
    if (writer === undefined) throw new Error('VHDX cannot be written');
    await copyRanges(point, writer, difference, hashFormat(record).unit, progress, signal);
    await writer.complete(signal);
  } catch (error) {
    await (writer ?? part).abandon();
    throw error;
  }
}

async function copyRanges(
  point: VirtualDisk,
  writer: ImageWriter,
  difference: DiskDifference,
  unit: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const buffers = new PageBuffers(PIECE, IN_FLIGHT);
  const copy = async ({ start, end }: { start: number; end: number }): Promise<void> => {
    const buffer = buffers.take();
    const bytes = buffer.subarray(0, end - start);
    await point.read(start, bytes, signal);
    for (let at = 0; at < bytes.length; at += unit) {
      const each = bytes.subarray(at, Math.min(at + unit, bytes.length));
      // Zeros of the point must hide what the old file has there.
      if (isZero(each)) writer.zero(start + at, each.length);
      else await writer.write(start + at, each, signal);
    }
    buffers.give(buffer);
    progress.advance(end - start);
  };
  await forEachInFlight(pieces(difference), IN_FLIGHT, copy, signal);
}

/** Yields the differing parts in pieces of at most 1 MiB; the largest hash unit has that size. */
function* pieces({ ranges }: DiskDifference): Generator<{ start: number; end: number }> {
  for (const { start, end } of ranges()) {
    for (let at = start; at < end; at += PIECE) yield { start: at, end: Math.min(at + PIECE, end) };
  }
}
