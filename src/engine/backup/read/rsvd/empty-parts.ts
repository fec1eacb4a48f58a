import type { Warning } from '../../../api/backup.ts';
import { isEngineError } from '../../../base/errors.ts';
import type { Range } from '../../../base/range.ts';
import { RangeSet } from '../../../base/range-set.ts';
import { isZero } from '../../../disk/virtual/zero-scan.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import type { SharedHostDisk } from '../../host/shared-disks.ts';

/** Parts are kept in whole units of this many bytes, rounded inwards. */
const UNIT = 2 ** 20;
/** Maximum number of parts in memory; the others are read. */
const MAX_PARTS = 65_536;
/** Places at which a server's word is checked, and the bytes that are read at each. */
const PIECES = 64;
const PIECE = 64 * 1024;

/**
 * Returns the parts of a snapshot that are zeros as the server says, so that a full need not read them;
 * undefined if it does not say so, or if it was seen to lie: then the whole disk is read. A sample is read
 * first, among it the first and the last part, where partition tables lie.
 */
export async function emptyParts(
  set: Pick<SharedHostDisk, 'unmapped'>,
  snapshotId: string,
  bytes: ByteSource,
  warn: (warning: Warning) => void,
  signal: AbortSignal,
): Promise<RangeSet | undefined> {
  const parts: Range[] = [];
  try {
    for await (const { start, end } of set.unmapped(snapshotId, signal)) {
      const inner = { start: Math.ceil(start / UNIT) * UNIT, end: Math.floor(end / UNIT) * UNIT };
      if (inner.start >= inner.end) continue;
      parts.push(inner);
      if (parts.length >= MAX_PARTS) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    // RSVD has no other way to find out what is allocated.
    if (!isEngineError(error)) throw error;
    return undefined;
  }
  const empty = RangeSet.of(parts);
  const wrong = await findData(empty, bytes, signal);
  if (wrong === undefined) return empty;
  const message = `The file server says that ${bytes.name} has no data at ${wrong}, but it has: the whole disk was read.`;
  warn({ code: 'disk.allocation', message });
  return undefined;
}

/** Returns the offset of a piece of `empty` that holds data; undefined if no checked one does. */
async function findData(
  empty: RangeSet,
  bytes: ByteSource,
  signal: AbortSignal,
): Promise<number | undefined> {
  const piece = new Uint8Array(PIECE);
  for (const start of samplePieces(empty)) {
    await bytes.read(start, piece, signal);
    if (!isZero(piece)) return start;
  }
  return undefined;
}

/** Returns offsets of pieces: the first, the last, and others that are drawn evenly over the bytes. */
function samplePieces(empty: RangeSet): readonly number[] {
  const { ranges, bytes } = empty;
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (first === undefined || last === undefined) return [];
  const drawn = Array.from({ length: PIECES }, () => Math.floor((Math.random() * bytes) / PIECE));
  const wanted = [...new Set(drawn)].sort((a, b) => a - b);
  const starts = [first.start, last.end - PIECE];
  let before = 0;
  for (const { start, end } of ranges) {
    while (wanted[0] !== undefined && wanted[0] * PIECE < before + end - start) {
      starts.push(start + (wanted.shift() ?? 0) * PIECE - before);
    }
    before += end - start;
  }
  return starts;
}

/** Shows a disk as data with empty parts. */
export const withoutEmptyParts = (empty: RangeSet) => ({
  async *extents(within: Range): AsyncGenerator<PartExtent> {
    let { start } = within;
    for (const part of empty.clip(within)) {
      if (part.start > start) yield { start, length: part.start - start, kind: 'data' };
      yield { start: part.start, length: part.end - part.start, kind: 'zero' };
      start = part.end;
    }
    if (start < within.end) yield { start, length: within.end - start, kind: 'data' };
  },
});

interface PartExtent {
  readonly start: number;
  readonly length: number;
  readonly kind: 'data' | 'zero';
}
