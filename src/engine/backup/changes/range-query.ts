import type { WarningCode } from '../../api/codes.ts';
import type { Warning } from '../../api/backup.ts';
import { isEngineError } from '../../base/errors.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import type { Range, StartLength } from '../../base/range.ts';
import type { RangeSet } from '../../base/range-set.ts';
import { Turns } from '../../base/time/turns.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { RawChanges } from '../host/raw-changes.ts';
import { HeldRanges } from './held-ranges.ts';

/** One call of the tracker. The queries of a whole disk tile it without gaps. */
export interface RangeQuery {
  readonly offset: number;
  readonly length: number;
  readonly processed: number;
  readonly count: number;
}

export interface TiledChanges {
  readonly ranges: RangeSet;
  readonly queries: readonly RangeQuery[];
  readonly warnings: readonly Warning[];
}

/** Asks the tracker once. Throws `host.tracking` if it refuses. */
export type AskTracker = (
  offset: number,
  length: number,
  signal: AbortSignal,
) => Promise<RawChanges>;

/** A last range that ends past the disk by less than this is clipped; a longer one is rejected. */
const OVERSHOOT = 2 ** 20;
/** A refused window is halved, down to this size. */
const SMALLEST_WINDOW = 2 ** 26;
/** Windows end at multiples of this, so that no sector is cut. */
const WINDOW_UNIT = 2 ** 20;
/**
 * Number of consecutive answers after which a halved window is doubled again: dense changes may be
 * limited to one place.
 */
const GROW_AFTER = 8;
const MAX_QUERIES = 200_000;
/** Maximum number of ranges in all answers. A tracker that returns more does not summarise. */
const MAX_RANGES = 10_000_000;
/** Number of ranges of an answer that are checked before the event loop may turn. */
const SLICE = 4096;

/**
 * Returns the changed ranges of a whole disk from a tracker that is not trusted. Asks for the whole
 * remainder, halved on refusal, until the processed lengths tile the disk. Harmless oddities are
 * corrected and reported in `warnings`. Ranges that the tracker *left out* cannot be detected here:
 * see check-tracker.ts. Throws `tracker.lied` if an answer cannot be true.
 *
 * A tracker may name millions of ranges: the event loop turns every few milliseconds.
 *
 * @param onAnswer receives every raw answer, to be kept with the point.
 */
export async function tileChanges(
  ask: AskTracker,
  virtualSize: number,
  onAnswer: (query: RangeQuery, answer: RawChanges, turns: Turns) => void | Promise<void>,
  signal: AbortSignal,
): Promise<TiledChanges> {
  const queries: RangeQuery[] = [];
  const turns = new Turns();
  const found = new HeldRanges(virtualSize, turns);
  const oddities = new Map<WarningCode, string>();
  let window = virtualSize;
  let answered = 0;
  let count = 0;
  for (let offset = 0; offset < virtualSize;) {
    signal.throwIfAborted();
    const length = Math.min(window, virtualSize - offset);
    const answer = await askOrHalve(ask, offset, length, signal);
    if (answer === 'refused') {
      window = Math.floor(length / 2 / WINDOW_UNIT) * WINDOW_UNIT;
      answered = 0;
      continue;
    }
    answered++;
    if (answered % GROW_AFTER === 0) window = Math.min(window * 2, virtualSize);
    const query = { offset, length, processed: answer.processed, count: answer.ranges.length };
    await onAnswer(query, answer, turns);
    queries.push(query);
    count += query.count;
    if (queries.length > MAX_QUERIES || count > MAX_RANGES) {
      throw lied(`returns ever smaller parts: ${queries.length} queries, ${count} ranges`, query);
    }
    checkProcessed(query);
    for (let at = 0; at < answer.ranges.length; at += SLICE) {
      const part = answer.ranges.slice(at, at + SLICE);
      await found.add(part.map((each) => checkRange(each, query, virtualSize, oddities)));
    }
    offset += answer.processed;
  }
  const ranges = await found.finish();
  if (found.repeated) {
    oddities.set(
      'tracker.overlap',
      'The tracker reported some bytes more than once; the ranges were merged.',
    );
  }
  if (found.coarse) {
    oddities.set(
      'tracker.coarse',
      'The changes are too scattered to keep separately; neighbouring ranges were merged.',
    );
  }
  const warnings = Array.from(oddities, ([code, message]): Warning => ({ code, message }));
  return { ranges, queries, warnings };
}

async function askOrHalve(
  ask: AskTracker,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<RawChanges | 'refused'> {
  try {
    return await ask(offset, length, signal);
  } catch (error) {
    if (!isEngineError(error, 'host.tracking')) throw error;
    if (length > SMALLEST_WINDOW) return 'refused';
    throw backupError('tracker.refused', error.message, { data: error.data, cause: error });
  }
}

function checkProcessed(query: RangeQuery): void {
  if (query.processed === 0) throw lied('makes no progress', query);
  if (query.processed > query.length) {
    throw lied(`processed ${query.processed} bytes of a query for ${query.length} bytes`, query);
  }
}

/**
 * Returns a range clipped to the disk. Ranges outside the requested window are harmless: more is
 * read.
 */
function checkRange(
  { start, length }: StartLength,
  query: RangeQuery,
  virtualSize: number,
  oddities: Map<string, string>,
): Range {
  const end = start + length;
  if (start >= virtualSize || end - virtualSize >= OVERSHOOT || !Number.isSafeInteger(end)) {
    throw lied(`reported the range [${start}, ${end}) on a disk of ${virtualSize} bytes`, query);
  }
  if (end > virtualSize) {
    oddities.set(
      'tracker.overshoot',
      `A range ended ${formatBytes(end - virtualSize)} past the disk and was clipped.`,
    );
  }
  const inside = Math.min(end, virtualSize);
  if (start < query.offset || inside > query.offset + query.processed) {
    oddities.set(
      'tracker.outside',
      'A range lies outside the part that the tracker had processed; it was kept.',
    );
  }
  return { start, end: inside };
}

function lied(what: string, query: RangeQuery): Error {
  return backupError('tracker.lied', `Invalid answer of the change tracker: it ${what}`, {
    data: { offset: query.offset, length: query.length, processed: query.processed },
  });
}
