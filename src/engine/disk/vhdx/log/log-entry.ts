import type { Guid } from '../../../base/guid.ts';
import { fieldDefects } from '../../inspect/field-rules.ts';
import { readField, readFields, sizeOf, writeFields } from '../../inspect/fields.ts';
import { checksumDefect, seal } from '../structures/checksum.ts';
import { FIRST_LOGGED_OFFSET, PAGE } from '../structures/layout.ts';
import {
  DATA_DESCRIPTOR,
  DATA_SECTOR,
  LOG_ENTRY,
  ZERO_DESCRIPTOR,
} from '../structures/log/log-fields.ts';
import type { VhdxDefect } from '../structures/vhdx-defect.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

/** A change of a log entry (MS-VHDX 2.3.1); its fields are in `structures/log`. */
export type LogWrite =
  | { readonly kind: 'page'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'zero'; readonly offset: number; readonly length: number };

export interface LogEntry {
  readonly length: number;
  readonly tail: number;
  readonly sequenceNumber: bigint;
  readonly flushedFileOffset: number;
  readonly lastFileOffset: number;
  /** In order; page offsets and zero ranges are multiples of 4 KiB. */
  readonly writes: readonly LogWrite[];
}

/** Location of the ring and identity of its entries. */
export interface LogRing {
  readonly logGuid: Guid;
  readonly offset: number;
  readonly length: number;
}

/**
 * Reason why bytes are not an entry of this log. Not an error: most sectors of a log are not
 * entries.
 */
export interface LogDefect {
  readonly defect: VhdxDefect;
}

const HEADER = sizeOf(LOG_ENTRY);
const DESCRIPTOR = sizeOf(DATA_DESCRIPTOR);
const { offset: DATA_AT, size: DATA_BYTES } = DATA_SECTOR.Data;

/**
 * Returns the length that an entry's first 4 KiB claim; undefined if the signature, LogGuid or
 * lengths cannot belong to an entry of this ring.
 */
export function claimedEntryLength(first: Uint8Array, ring: LogRing): number | undefined {
  if (first.length < HEADER || readField(LOG_ENTRY.Signature, first) !== 'loge') return undefined;
  const length = readField(LOG_ENTRY.EntryLength, first);
  if (readField(LOG_ENTRY.LogGuid, first) !== ring.logGuid) return undefined;
  if (length === 0 || length % PAGE !== 0 || length >= ring.length) return undefined;
  const count = readField(LOG_ENTRY.DescriptorCount, first);
  return descriptorArea(count) <= length ? length : undefined;
}

const descriptorArea = (count: number): number =>
  Math.ceil((HEADER + count * DESCRIPTOR) / PAGE) * PAGE;

/**
 * Decodes one entry and applies every rule of MS-VHDX 2.3.2. `bytes` must begin at the entry and
 * hold all of it.
 * @param at offset of the entry in the file, for defects
 */
export function decodeLogEntry(bytes: Uint8Array, ring: LogRing, at = 0): LogEntry | LogDefect {
  const length = bytes.length < PAGE ? undefined : claimedEntryLength(bytes, ring);
  if (length === undefined || bytes.length < length) {
    return wrong('vhdx.log.signature', at, 'no entry', 'an entry of this log');
  }
  const whole = bytes.subarray(0, length);
  const [sum] = checksumDefect(LOG_ENTRY.Checksum, whole, NAME, at, 'vhdx.log.corrupt');
  if (sum !== undefined) return { defect: { ...sum, code: 'vhdx.log.checksum' } };
  const values = readFields(LOG_ENTRY, whole);
  const { Tail: tail, SequenceNumber: sequenceNumber, DescriptorCount: count } = values;
  const found = fieldDefects<'vhdx.log.corrupt'>(LOG_ENTRY, whole, NAME, at);
  const defect = found.find(({ severity }) => severity === undefined);
  if (defect !== undefined) return { defect };
  if (tail >= ring.length) {
    return wrong('vhdx.log.tail', at + LOG_ENTRY.Tail.offset, tail, `less than ${ring.length}`);
  }
  const writes: LogWrite[] = [];
  let dataAt = descriptorArea(count);
  for (let i = 0; i < count; i++) {
    const write = decodeDescriptor(whole, i, dataAt, sequenceNumber, ring, at);
    if ('defect' in write) return write;
    if (write.kind === 'page') dataAt += PAGE;
    writes.push(write);
  }
  if (dataAt !== length) {
    return wrong('vhdx.log.length', at + LOG_ENTRY.EntryLength.offset, length, dataAt);
  }
  const [flushedFileOffset, lastFileOffset] = [
    Number(values.FlushedFileOffset),
    Number(values.LastFileOffset),
  ];
  return { length, tail, sequenceNumber, flushedFileOffset, lastFileOffset, writes };
}

const NAME = 'the log entry';

const wrong = (
  code: string,
  offset: number,
  found: string | number,
  expected: string | number,
): LogDefect => ({
  defect: { code, structure: NAME, offset, found, expected, section: 'MS-VHDX 2.3.2' },
});

function decodeDescriptor(
  entry: Uint8Array,
  index: number,
  dataAt: number,
  sequence: bigint,
  ring: LogRing,
  entryAt: number,
): LogWrite | LogDefect {
  const start = HEADER + index * DESCRIPTOR;
  const at = entryAt + start;
  const bytes = entry.subarray(start, start + DESCRIPTOR);
  const { Signature: signature, SequenceNumber: own } = readFields(DATA_DESCRIPTOR, bytes);
  if (own !== sequence) {
    const place = at + DATA_DESCRIPTOR.SequenceNumber.offset;
    return wrong('vhdx.log.descriptorSequence', place, String(own), String(sequence));
  }
  const target = readField(DATA_DESCRIPTOR.FileOffset, bytes);
  const outside = (): LogDefect =>
    wrong(
      'vhdx.log.target',
      at + DATA_DESCRIPTOR.FileOffset.offset,
      String(target),
      `whole pages at ${FIRST_LOGGED_OFFSET} or later, outside the log`,
    );
  if (signature === 'zero') {
    const length = readField(ZERO_DESCRIPTOR.ZeroLength, bytes);
    const place = checkTarget(target, length, ring);
    return place === undefined
      ? outside()
      : { kind: 'zero', offset: place, length: Number(length) };
  }
  if (signature !== 'desc') {
    return wrong('vhdx.log.descriptor', at, 'another signature', 'desc or zero');
  }
  const place = checkTarget(target, BigInt(PAGE), ring);
  if (place === undefined) return outside();
  if (dataAt + PAGE > entry.length) {
    return wrong('vhdx.log.length', at, entry.length, `at least ${dataAt + PAGE}`);
  }
  const sector = entry.subarray(dataAt, dataAt + PAGE);
  const { Signature: data, SequenceHigh: high, SequenceLow: low } = readFields(DATA_SECTOR, sector);
  const place2 = entryAt + dataAt;
  if (data !== 'data') return wrong('vhdx.log.sector', place2, 'another signature', 'data');
  const both = (BigInt(high) << 32n) | BigInt(low);
  if (both !== sequence) {
    return wrong('vhdx.log.torn', place2, String(both), String(sequence));
  }
  const page = new Uint8Array(PAGE);
  const { LeadingBytes: leading, TrailingBytes: trailing } = DATA_DESCRIPTOR;
  page.set(bytes.subarray(leading.offset, leading.offset + leading.size));
  page.set(sector.subarray(DATA_AT, DATA_AT + DATA_BYTES), DATA_AT);
  page.set(bytes.subarray(trailing.offset, trailing.offset + trailing.size), PAGE - trailing.size);
  return { kind: 'page', offset: place, bytes: page };
}

/**
 * Returns the offset as a number if the target is aligned, past the headers, outside the log and
 * below 2^53; else undefined.
 */
function checkTarget(offset: bigint, length: bigint, ring: LogRing): number | undefined {
  const page = BigInt(PAGE);
  if (offset % page !== 0n || length % page !== 0n) return undefined;
  const end = offset + length;
  if (offset < BigInt(FIRST_LOGGED_OFFSET) || end > BigInt(Number.MAX_SAFE_INTEGER)) {
    return undefined;
  }
  const logEnd = BigInt(ring.offset + ring.length);
  if (offset < logEnd && end > BigInt(ring.offset)) return undefined;
  return Number(offset);
}

/** Returns the length in bytes of an entry with `pages` page writes and no zero ranges. */
export function logEntryLength(pages: number): number {
  return descriptorArea(pages) + pages * PAGE;
}

/** Encodes an entry. Throws `vhdx.write.argument` if a page is not 4 KiB at a multiple of 4 KiB. */
export function encodeLogEntry(
  entry: Omit<LogEntry, 'length'>,
  logGuid: Guid,
): Uint8Array<ArrayBuffer> {
  const pages = entry.writes.filter((w) => w.kind === 'page');
  const area = descriptorArea(entry.writes.length);
  const bytes = new Uint8Array(area + pages.length * PAGE);
  writeFields(LOG_ENTRY, bytes, {
    Signature: 'loge',
    EntryLength: bytes.length,
    Tail: entry.tail,
    SequenceNumber: entry.sequenceNumber,
    DescriptorCount: entry.writes.length,
    LogGuid: logGuid,
    FlushedFileOffset: BigInt(entry.flushedFileOffset),
    LastFileOffset: BigInt(entry.lastFileOffset),
  });
  for (const [i, write] of entry.writes.entries()) {
    if (write.offset % PAGE !== 0 || (write.kind === 'page' && write.bytes.length !== PAGE)) {
      throw vhdxError('vhdx.write.argument', `a log write at ${write.offset} is not a whole page`, {
        data: { offset: write.offset },
      });
    }
    const start = HEADER + i * DESCRIPTOR;
    const into = bytes.subarray(start, start + DESCRIPTOR);
    const { offset } = write;
    const place = { FileOffset: BigInt(offset), SequenceNumber: entry.sequenceNumber };
    if (write.kind === 'zero') {
      const ZeroLength = BigInt(write.length);
      writeFields(ZERO_DESCRIPTOR, into, { Signature: 'zero', ZeroLength, ...place });
      continue;
    }
    const { LeadingBytes: leading, TrailingBytes: trailing } = DATA_DESCRIPTOR;
    writeFields(DATA_DESCRIPTOR, into, { Signature: 'desc', ...place });
    into.set(write.bytes.subarray(0, leading.size), leading.offset);
    into.set(write.bytes.subarray(PAGE - trailing.size), trailing.offset);
  }
  for (const [i, page] of pages.entries()) {
    const sector = bytes.subarray(area + i * PAGE, area + (i + 1) * PAGE);
    sector.set(page.bytes.subarray(DATA_AT, DATA_AT + DATA_BYTES), DATA_AT);
    writeFields(DATA_SECTOR, sector, {
      Signature: 'data',
      SequenceHigh: Number(entry.sequenceNumber >> 32n),
      SequenceLow: Number(entry.sequenceNumber & 0xffffffffn),
    });
  }
  return seal(LOG_ENTRY.Checksum, bytes);
}
