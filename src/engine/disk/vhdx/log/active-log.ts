import type { ByteSource } from '../../../source/byte-source.ts';
import { describeDefect } from '../../inspect/defect.ts';
import type { VhdxHeader } from '../structures/header.ts';
import { decodeLogEntry, type LogRing, type LogWrite } from './log-entry.ts';
import { findActiveSequence, type LogPlace, type LogSequence } from './log-sequence.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

/**
 * Maximum number of passes. A normal search reads each page once, each valid entry once more, and
 * torn entries with their contents. Without a limit, a log in which every page claims to begin an
 * entry of 64 MiB would be read thousands of times.
 */
const MAX_PASSES = 16;

/** The part of a log that a replay applies. */
export interface ActiveLog {
  /** Minimum length of the file after the replay, in bytes. */
  readonly lastFileOffset: number;
  /** Location of its entries, in order. */
  readonly sequence: LogSequence;
  /** Yields the writes in order; entries are read one by one. */
  writes(): AsyncGenerator<LogWrite>;
}

/**
 * Finds the active sequence of the log that `header` names (MS-VHDX 2.3.3). Throws `vhdx.log.*`.
 */
export async function readActiveLog(
  source: ByteSource,
  header: VhdxHeader,
  signal: AbortSignal,
): Promise<ActiveLog> {
  const ring = { logGuid: header.logGuid, offset: header.logOffset, length: header.logLength };
  if (ring.length === 0 || ring.offset + ring.length > source.size) {
    throw vhdxError(
      'vhdx.log.truncated',
      `the log lies at [${ring.offset}, ${ring.offset + ring.length}); the file ends at ${source.size}`,
      { data: { offset: ring.offset, length: ring.length, size: source.size } },
    );
  }
  const search = findActiveSequence(ring);
  let step = search.next();
  let rest = MAX_PASSES * ring.length;
  while (step.done !== true) {
    rest -= step.value.length;
    if (rest < 0) throw tooMuch(ring);
    step = search.next(await readRing(source, ring, step.value, signal));
  }
  const sequence = step.value;
  if (source.size < sequence.flushedFileOffset) {
    throw vhdxError(
      'vhdx.log.truncated',
      `the file has ${source.size} bytes; its log was written when it had ${sequence.flushedFileOffset}`,
      { data: { found: source.size, expected: sequence.flushedFileOffset } },
    );
  }
  const writes = (): AsyncGenerator<LogWrite> => writesOf(source, ring, sequence, signal);
  return { lastFileOffset: sequence.lastFileOffset, sequence, writes };
}

function tooMuch(ring: LogRing): Error {
  return vhdxError(
    'vhdx.log.limit',
    `the log at ${ring.offset} has too many entries that claim to contain one another`,
    { data: { offset: ring.offset, length: ring.length } },
  );
}

async function* writesOf(
  source: ByteSource,
  ring: LogRing,
  sequence: LogSequence,
  signal: AbortSignal,
): AsyncGenerator<LogWrite> {
  for (const place of sequence.entries) {
    const entry = decodeLogEntry(await readRing(source, ring, place, signal), ring);
    if ('defect' in entry) {
      throw vhdxError(
        'vhdx.log.corrupt',
        `the log changed while it was read: ${describeDefect(entry.defect)}`,
        {
          data: { offset: ring.offset + place.offset },
        },
      );
    }
    yield* entry.writes;
  }
}

async function readRing(
  source: ByteSource,
  ring: LogRing,
  place: LogPlace,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(place.length);
  const first = Math.min(place.length, ring.length - place.offset);
  await source.read(ring.offset + place.offset, bytes.subarray(0, first), signal);
  if (first < place.length) await source.read(ring.offset, bytes.subarray(first), signal);
  return bytes;
}
