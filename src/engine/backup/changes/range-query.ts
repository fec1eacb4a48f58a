import type { WarningCode } from '../../api/codes.ts';
import type { Warning } from '../../api/backup.ts';
import { isEngineError } from '../../base/errors.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import type { Range, StartLength } from '../../base/range.ts';
import { RangeSet } from '../../base/range-set.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { RawChanges } from '../host/raw-changes.ts';

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
/**
 * Maximum number of ranges in memory, about 100 MiB. Beyond it, neighbours are merged, which reads
 * more of the disk.
 */
const MAX_HELD = 1_000_000;
const COARSE_UNIT = 2 ** 20;

/**
 * Returns the changed ranges of a whole disk from a tracker that is not trusted. Asks for the whole
 * remainder, halved on refusal, until the processed lengths tile the disk. Harmless oddities are
 * corrected and reported in `warnings`. Ranges that the tracker *left out* cannot be detected here:
 * see check-tracker.ts. Throws `tracker.lied` if an answer cannot be true.
 *
 * @param onAnswer receives every raw answer, to be kept with the point.
 */
export async function tileChanges(
  ask: AskTracker,
  virtualSize: number,
  onAnswer: (query: RangeQuery, answer: RawChanges) => void,
  signal: AbortSignal,
): Promise<TiledChanges> {
  const queries: RangeQuery[] = [];
  const found = new HeldRanges(virtualSize);
  const oddities = new Map<WarningCode, string>();
  let window = virtualSize;
  let answered = 0;
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
    onAnswer(query, answer);
    queries.push(query);
    if (queries.length > MAX_QUERIES || found.count > MAX_RANGES) {
      throw lied(
        `returns ever smaller parts: ${queries.length} queries, ${found.count} ranges`,
        query,
      );
    }
    checkProcessed(query);
    for (const each of answer.ranges) found.add(checkRange(each, query, virtualSize, oddities));
    offset += answer.processed;
  }
  const ranges = found.finish();
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

/** Collects ranges in bounded memory. */
class HeldRanges {
  /**
   * Number of ranges added. `repeated`: bytes were added twice. `coarse`: neighbours had to be
   * merged.
   */
  count = 0;
  repeated = false;
  coarse = false;
  readonly #virtualSize: number;
  #held = RangeSet.empty;
  #fresh: Range[] = [];
  #freshBytes = 0;

  constructor(virtualSize: number) {
    this.#virtualSize = virtualSize;
  }

  add(each: Range): void {
    this.count++;
    this.#freshBytes += each.end - each.start;
    this.#fresh.push(each);
    if (this.#fresh.length >= MAX_HELD) this.#fold();
  }

  finish(): RangeSet {
    this.#fold();
    return this.#held;
  }

  #fold(): void {
    if (this.#fresh.length === 0) return;
    const bytes = this.#held.bytes + this.#freshBytes;
    let held = this.#held.union(RangeSet.of(this.#fresh));
    this.#fresh = [];
    this.#freshBytes = 0;
    // Merged neighbours cover bytes that were never reported, so a later range between them does
    // not prove a repetition.
    this.repeated ||= !this.coarse && bytes > held.bytes;
    const disk = { start: 0, end: this.#virtualSize };
    for (let unit = COARSE_UNIT; held.ranges.length > MAX_HELD; unit *= 2) {
      held = held.align(unit).clip(disk);
      this.coarse = true;
    }
    this.#held = held;
  }
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
