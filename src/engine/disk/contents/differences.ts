import { inOrder } from '../../base/in-flight.ts';
import type { Progress } from '../../base/progress.ts';
import type { Range } from '../../base/range.ts';
import { PageBuffers } from '../../source/page-buffers.ts';
import { partsWithData } from '../tools/disk-compare.ts';
import type { Extent } from '../virtual/virtual-disk.ts';
import type { ReadableDisk } from './readable-disk.ts';

/** Differing bytes with fewer equal bytes than this between them are one difference. */
const NEAR = 16;
/** Bytes per read. */
const PIECE = 2 ** 20;
const IN_FLIGHT = 6;

/**
 * Yields the ranges from `from` on in which two disks differ, in order. Skips parts that neither
 * disk stores. Parts that cannot be read, and those behind the end of the smaller disk, are zeros.
 */
export async function* differences(
  a: ReadableDisk,
  b: ReadableDisk,
  from: number,
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<Range> {
  const size = Math.max(a.size, b.size);
  progress.phase('compare', size - Math.min(from, size));
  const [x, y] = [padded(a, size), padded(b, size)];
  const buffers = new PageBuffers(PIECE, 2 * IN_FLIGHT);
  const parts = partsWithData(x, y, { start: from, end: size }, progress, signal);
  const comparePart = async (part: Range): Promise<readonly Range[]> => {
    const [left, right] = [buffers.take(), buffers.take()];
    try {
      const [p, q] = [left, right].map((each) => each.subarray(0, part.end - part.start));
      if (p === undefined || q === undefined) return [];
      await Promise.all([x.read(part.start, p, signal), y.read(part.start, q, signal)]);
      progress.advance(p.length);
      return p.equals(q) ? [] : [...unequal(p, q, part.start)];
    } finally {
      buffers.give(left);
      buffers.give(right);
    }
  };
  let open: Range | undefined;
  for await (const found of inOrder(parts, IN_FLIGHT, comparePart)) {
    signal.throwIfAborted();
    for (const range of found) {
      if (open !== undefined && range.start - open.end < NEAR) {
        open = { start: open.start, end: range.end };
        continue;
      }
      if (open !== undefined) yield open;
      open = range;
    }
  }
  if (open !== undefined) yield open;
}

/** Yields the differing ranges of two byte strings of equal length. */
function* unequal(p: Uint8Array, q: Uint8Array, offset: number): Generator<Range> {
  let start = -1;
  let last = -1;
  for (let i = 0; i < p.length; i++) {
    if (p[i] === q[i]) continue;
    if (start >= 0 && i - last > NEAR) {
      yield { start: offset + start, end: offset + last + 1 };
      start = i;
    }
    if (start < 0) start = i;
    last = i;
  }
  if (start >= 0) yield { start: offset + start, end: offset + last + 1 };
}

/** Continues a disk with zeros up to `size`. */
function padded(disk: ReadableDisk, size: number): ReadableDisk {
  if (disk.size >= size) return disk;
  return {
    size,
    async *extents({ start, end }, signal): AsyncGenerator<Extent> {
      const there = Math.min(end, disk.size);
      if (start < there) yield* disk.extents({ start, end: there }, signal);
      const rest = Math.max(start, disk.size);
      if (rest < end) yield { start: rest, length: end - rest, kind: 'hole', depth: 0 };
    },
    read: async (offset, into, signal) => {
      const there = Math.max(0, Math.min(into.length, disk.size - offset));
      into.fill(0, there);
      if (there > 0) await disk.read(offset, into.subarray(0, there), signal);
    },
  };
}
