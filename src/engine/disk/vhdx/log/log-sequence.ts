import { MAX_LOG_ENTRY, PAGE } from '../structures/layout.ts';
import { claimedEntryLength, decodeLogEntry, type LogRing } from './log-entry.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

/** Location of one entry in the ring; it may wrap. */
export interface LogPlace {
  readonly offset: number;
  readonly length: number;
}

/** The entries to replay: from the last entry's tail to the last entry, in order. */
export interface LogSequence {
  readonly entries: readonly LogPlace[];
  readonly sequenceNumber: bigint;
  readonly flushedFileOffset: number;
  readonly lastFileOffset: number;
}

/** Bytes of the ring to read next; if `offset + length` passes the ring's end, the read wraps. */
export type LogRequest = LogPlace;

/**
 * Finds the active sequence of a log whose LogGuid is set (MS-VHDX 2.3.3), without any I/O: the
 * generator yields requests for ring bytes, receives them, and returns the sequence. Memory: one
 * entry. Throws `vhdx.log.corrupt` if there is no valid sequence.
 *
 * A run of consecutive valid entries counts only if the *last* entry's tail is the start of one of
 * its entries; replay starts there, not at the start of the run. Of several runs the one with the
 * greatest sequence number is active.
 */
export function* findActiveSequence(ring: LogRing): Generator<LogRequest, LogSequence, Uint8Array> {
  let best: LogSequence | undefined;
  let start = 0;
  for (;;) {
    const run = yield* collectRun(ring, start);
    const found = run === undefined ? undefined : toSequence(run);
    if (found !== undefined && (best === undefined || found.sequenceNumber > best.sequenceNumber)) {
      best = found;
    }
    // No entry can begin inside another (its sectors begin with “desc”, “zero” or “data”), and runs
    // that begin later in this chain end with the same entry. Continuing behind it therefore misses
    // nothing and keeps the search linear in a hostile log.
    const next = run === undefined ? start + PAGE : run.head;
    if (next >= ring.length || next <= start) break;
    start = next;
  }
  if (best === undefined) {
    throw vhdxError(
      'vhdx.log.corrupt',
      'the header names a log, but the log has no valid run of entries',
      {
        data: { offset: ring.offset, length: ring.length },
      },
    );
  }
  return best;
}

interface Run {
  readonly entries: readonly LogPlace[];
  readonly sequenceNumber: bigint;
  readonly tail: number;
  readonly flushedFileOffset: number;
  readonly lastFileOffset: number;
  /** Offset behind the last entry, modulo the ring's length. */
  readonly head: number;
}

function* collectRun(
  ring: LogRing,
  start: number,
): Generator<LogRequest, Run | undefined, Uint8Array> {
  const entries: LogPlace[] = [];
  let run: Omit<Run, 'entries' | 'head'> | undefined;
  let at = start;
  let total = 0;
  for (;;) {
    const length = claimedEntryLength(yield { offset: at, length: PAGE }, ring);
    if (length === undefined || total + length > ring.length) break;
    if (length > MAX_LOG_ENTRY) {
      throw vhdxError(
        'vhdx.log.limit',
        `a log entry claims ${length} bytes; at most ${MAX_LOG_ENTRY} are accepted`,
        {
          data: { offset: ring.offset + at, found: length, expected: MAX_LOG_ENTRY },
        },
      );
    }
    const entry = decodeLogEntry(yield { offset: at, length }, ring);
    if ('defect' in entry) break;
    if (run !== undefined && entry.sequenceNumber !== run.sequenceNumber + 1n) break;
    entries.push({ offset: at, length });
    const { sequenceNumber, tail, flushedFileOffset, lastFileOffset } = entry;
    run = { sequenceNumber, tail, flushedFileOffset, lastFileOffset };
    total += length;
    at = (at + length) % ring.length;
  }
  return run === undefined ? undefined : { ...run, entries, head: at };
}

function toSequence(run: Run): LogSequence | undefined {
  const first = run.entries.findIndex((entry) => entry.offset === run.tail);
  if (first < 0) return undefined;
  const { sequenceNumber, flushedFileOffset, lastFileOffset } = run;
  return { entries: run.entries.slice(first), sequenceNumber, flushedFileOffset, lastFileOffset };
}
