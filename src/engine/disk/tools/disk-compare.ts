import { forEachInFlight } from '../../base/in-flight.ts';
import type { Progress } from '../../base/progress.ts';
import type { Range } from '../../base/range.ts';
import { PageBuffers } from '../../source/page-buffers.ts';
import { PIECE } from '../virtual/read-ahead.ts';
import { bulkCompare } from '../bulk/bulk-compare.ts';
import type { VirtualDisk } from '../virtual/virtual-disk.ts';
import { isZero } from '../virtual/zero-scan.ts';

/** The document of `disk compare`. */
export interface Comparison {
  readonly equal: boolean;
  /** Offset of the first differing byte, or the smaller size if only sizes differ. */
  readonly firstDifference: number | null;
}

export interface CompareOptions {
  /** Different sizes count as a difference even if the longer tail is zero. */
  readonly strict: boolean;
}

/** Number of parts that are read and compared concurrently. */
const IN_FLIGHT = 6;

/**
 * Compares the contents of two disks. Skips parts that both disks report as zero. If sizes differ,
 * the longer tail must be zero, unless `strict`.
 */
export async function compareDisks(
  a: VirtualDisk,
  b: VirtualDisk,
  options: CompareOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Comparison> {
  const common = Math.min(a.size, b.size);
  const longer = a.size > b.size ? a : b;
  progress.phase('compare', longer.size);
  const buffers = new PageBuffers(PIECE, 2 * IN_FLIGHT);
  const bulk = await bulkCompare(a, b, common, (bytes) => progress.advance(bytes), signal);
  const firstOf =
    bulk === undefined
      ? await firstDifferent(a, b, common, buffers, progress, signal)
      : bulk.difference;
  if (firstOf !== undefined) return { equal: false, firstDifference: firstOf };
  if (a.size === b.size) return { equal: true, firstDifference: null };
  if (options.strict) return { equal: false, firstDifference: common };
  return compareTail(longer, common, buffers.take(), progress, signal);
}

/**
 * Returns the offset of the first differing byte below `common`. Reads several parts at once; the
 * lowest difference counts.
 */
async function firstDifferent(
  a: VirtualDisk,
  b: VirtualDisk,
  common: number,
  buffers: PageBuffers,
  progress: Progress,
  signal: AbortSignal,
): Promise<number | undefined> {
  let lowest: number | undefined;
  const one = async (part: Range): Promise<void> => {
    const [left, right] = [buffers.take(), buffers.take()];
    try {
      const x = left.subarray(0, part.end - part.start);
      const y = right.subarray(0, part.end - part.start);
      await Promise.all([a.read(part.start, x, signal), b.read(part.start, y, signal)]);
      progress.advance(x.length);
      if (x.compare(y) === 0) return;
      lowest = Math.min(lowest ?? Infinity, part.start + firstDifference(x, y));
    } finally {
      buffers.give(left);
      buffers.give(right);
    }
  };
  async function* untilDifferent(): AsyncGenerator<Range> {
    for await (const part of partsWithData(a, b, { start: 0, end: common }, progress, signal)) {
      // Parts come in order: those behind a difference cannot contain the first one.
      if (lowest !== undefined) return;
      yield part;
    }
  }
  await forEachInFlight(untilDifferent(), IN_FLIGHT, one, signal);
  return lowest;
}

async function compareTail(
  disk: VirtualDisk,
  start: number,
  buffer: Buffer,
  progress: Progress,
  signal: AbortSignal,
): Promise<Comparison> {
  for await (const extent of disk.extents({ start, end: disk.size }, signal)) {
    if (extent.kind !== 'data') {
      progress.advance(extent.length);
      continue;
    }
    const end = extent.start + extent.length;
    for (let at = extent.start; at < end; at += PIECE) {
      const bytes = buffer.subarray(0, Math.min(PIECE, end - at));
      await disk.read(at, bytes, signal);
      if (!isZero(bytes)) {
        return { equal: false, firstDifference: at + bytes.findIndex((byte) => byte !== 0) };
      }
      progress.advance(bytes.length);
    }
  }
  return { equal: true, firstDifference: null };
}

/** Yields parts of `within`, at most 1 MiB each, in which at least one disk has data. */
export async function* partsWithData(
  a: Pick<VirtualDisk, 'extents'>,
  b: Pick<VirtualDisk, 'extents'>,
  within: Range,
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<Range> {
  const { end } = within;
  const left = a.extents(within, signal)[Symbol.asyncIterator]();
  const right = b.extents(within, signal)[Symbol.asyncIterator]();
  let [x, y] = [await left.next(), await right.next()];
  for (let at = within.start; at < end && !x.done && !y.done;) {
    const stop = Math.min(x.value.start + x.value.length, y.value.start + y.value.length);
    if (x.value.kind === 'data' || y.value.kind === 'data') {
      for (let start = at; start < stop; start += PIECE) {
        yield { start, end: Math.min(start + PIECE, stop) };
      }
    } else {
      progress.advance(stop - at);
    }
    at = stop;
    if (x.value.start + x.value.length === at) x = await left.next();
    if (y.value.start + y.value.length === at) y = await right.next();
  }
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i;
}
