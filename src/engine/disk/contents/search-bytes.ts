import { inOrder } from '../../base/in-flight.ts';
import type { Progress } from '../../base/progress.ts';
import type { Range } from '../../base/range.ts';
import { PageBuffers } from '../../source/page-buffers.ts';

/** Bytes that can be searched: a file, or a virtual disk. */
export interface SearchedBytes {
  readonly size: number;
  /** Yields the parts from an offset on that are not known to be zero, in order. */
  parts(from: number, signal: AbortSignal): AsyncIterable<Range>;
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
}

export interface SearchOptions {
  /** Each with at least one byte; the first match of any of them counts. */
  readonly patterns: readonly Uint8Array[];
  /** The match begins at or behind this offset. */
  readonly from: number;
  /** Number of bytes after which the search ends. */
  readonly most: number;
}

export interface SearchResult {
  readonly match: { readonly offset: number; readonly length: number } | undefined;
  /** A match that begins before this offset does not exist, unless `match` is it. */
  readonly end: number;
}

/** Bytes per read. */
const PIECE = 2 ** 20;
const IN_FLIGHT = 4;

/**
 * Searches for the first of several byte strings. Reads some pieces ahead. Zeros that are not stored
 * match as well.
 */
export async function searchBytes(
  bytes: SearchedBytes,
  { patterns, from, most }: SearchOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<SearchResult> {
  const longest = Math.max(...patterns.map(({ length }) => length));
  const zeros = patterns.some((pattern) => pattern.every((byte) => byte === 0));
  const whole = [{ start: from, end: bytes.size }];
  const parts = zeros ? whole : widened(bytes.parts(from, signal), from, bytes.size, longest - 1);
  progress.phase('search', Math.max(0, bytes.size - from));
  const buffers = new PageBuffers(PIECE + longest - 1, IN_FLIGHT);
  let taken = 0;
  async function* pieces(): AsyncGenerator<Range> {
    for await (const { start, end } of parts) {
      for (let at = start; at < end && taken < most; at += PIECE) {
        taken += PIECE;
        yield { start: at, end: Math.min(at + PIECE, end) };
      }
    }
  }
  const searchPiece = async ({ start, end }: Range): Promise<Range & { match: Match }> => {
    const buffer = buffers.take();
    try {
      // A match may begin in this piece and end in the next one.
      const there = buffer.subarray(0, Math.min(end + longest - 1, bytes.size) - start);
      await bytes.read(start, there, signal);
      return { start, end, match: firstMatch(there, patterns, end - start) };
    } finally {
      buffers.give(buffer);
    }
  };
  let done = from;
  for await (const { start, end, match } of inOrder(pieces(), IN_FLIGHT, searchPiece)) {
    signal.throwIfAborted();
    if (match !== undefined) {
      return { match: { offset: start + match.at, length: match.length }, end: start + match.at };
    }
    progress.advance(end - done);
    done = end;
  }
  return { match: undefined, end: taken < most ? bytes.size : done };
}

type Match = { readonly at: number; readonly length: number } | undefined;

/** Returns the first match that begins before `limit`; of two at the same place the longer one. */
function firstMatch(bytes: Buffer, patterns: readonly Uint8Array[], limit: number): Match {
  let best: Match;
  for (const pattern of patterns) {
    const at = bytes.indexOf(pattern);
    if (at < 0 || at >= limit) continue;
    const { length } = pattern;
    if (best === undefined || at < best.at || (at === best.at && length > best.length)) {
      best = { at, length };
    }
  }
  return best;
}

/** Widens parts by the bytes around them in which a match may begin or end, and joins them. */
async function* widened(
  parts: AsyncIterable<Range>,
  from: number,
  size: number,
  by: number,
): AsyncGenerator<Range> {
  let open: Range | undefined;
  for await (const part of parts) {
    const start = Math.max(from, part.start - by);
    const end = Math.min(size, part.end);
    if (open !== undefined && start <= open.end) open = { start: open.start, end };
    else {
      if (open !== undefined) yield open;
      open = { start, end };
    }
  }
  if (open !== undefined) yield open;
}
