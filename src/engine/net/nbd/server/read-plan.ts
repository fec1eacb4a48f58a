import { splitAt, type Range } from '../../../base/range.ts';
import type { BlockExport } from '../contract/block-export.ts';

/** A part of a read: bytes to send, or a hole that reads as zeros. */
export interface ReadPart extends Range {
  readonly hole: boolean;
}

/** Maximum bytes of one chunk of data, and so of a reply in memory. */
const PIECE = 2 ** 20;
/** A shorter hole is sent as bytes: a chunk of its own costs more than it saves. */
const MIN_HOLE = 64 * 2 ** 10;

/** Returns the chunks of the reply to a read of `within`, in order and without gaps. */
export async function planRead(
  disk: BlockExport,
  within: Range,
  signal: AbortSignal,
): Promise<ReadPart[]> {
  const runs: { start: number; end: number; hole: boolean }[] = [];
  for await (const { start, length, kind } of disk.extents(within, signal)) {
    const empty = kind !== 'data';
    const last = runs.at(-1);
    if (last?.hole === empty) last.end = start + length;
    else runs.push({ start, end: start + length, hole: empty });
  }
  const joined: ReadPart[] = [];
  for (const { start, end, hole } of runs) {
    const long = hole && end - start >= MIN_HOLE;
    const last = joined.at(-1);
    if (last !== undefined && !last.hole && !long) joined[joined.length - 1] = { ...last, end };
    else joined.push({ start, end, hole: long });
  }
  return joined.flatMap((part) =>
    part.hole
      ? [part]
      : Array.from(splitAt(part, PIECE), ({ start, end }) => ({ start, end, hole: false })),
  );
}
