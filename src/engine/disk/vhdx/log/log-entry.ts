import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import { crc32cWithoutField } from '../../../base/bytes/crc32c.ts';
import type { Guid } from '../../../base/guid.ts';
import { FIRST_LOGGED_OFFSET, PAGE } from '../structures/layout.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

/**
 * Log entry (MS-VHDX 2.3.1), a multiple of 4 KiB long, in a ring that may wrap at any 4 KiB:
 *
 *      0  4  “loge”
 *      4  4  CRC-32C of the entry, this field as zero
 *      8  4  entry length          12  4  tail: offset in the log where replay starts
 *     16  8  sequence number       24  4  descriptors          28  4  reserved
 *     32 16  LogGuid
 *     48  8  FlushedFileOffset: the file was at least this long, durably
 *     56  8  LastFileOffset: the file must be at least this long after replay
 *     64     descriptors of 32 bytes, the area padded to 4 KiB; then a data sector for each data descriptor
 *
 *     data descriptor   “desc”, 4 trailing bytes, 8 leading bytes, u64 file offset, u64 sequence number
 *     zero descriptor   “zero”, reserved, u64 length, u64 file offset, u64 sequence number
 *     data sector       “data”, u32 sequence high, 4084 bytes, u32 sequence low
 *
 * A page is its leading bytes, the 4084 of its data sector, and its trailing bytes. If the two
 * halves of the sequence number around it differ, the sector is torn.
 */
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
  readonly defect: string;
}

const HEADER = 64;
const DESCRIPTOR = 32;
const DATA_BYTES = 4084;

/**
 * Returns the length that an entry's first 4 KiB claim; undefined if the signature, LogGuid or
 * lengths cannot belong to an entry of this ring.
 */
export function claimedEntryLength(first: Uint8Array, ring: LogRing): number | undefined {
  const reader = new ByteReader(first, 'VHDX log entry');
  if (reader.ascii(4) !== 'loge') return undefined;
  const length = reader.seek(8).u32();
  const count = reader.seek(24).u32();
  if (reader.seek(32).guid() !== ring.logGuid) return undefined;
  if (length === 0 || length % PAGE !== 0 || length >= ring.length) return undefined;
  return descriptorArea(count) <= length ? length : undefined;
}

const descriptorArea = (count: number): number =>
  Math.ceil((HEADER + count * DESCRIPTOR) / PAGE) * PAGE;

/**
 * Decodes one entry and applies every rule of MS-VHDX 2.3.2. `bytes` must begin at the entry and
 * hold all of it.
 */
export function decodeLogEntry(bytes: Uint8Array, ring: LogRing): LogEntry | LogDefect {
  const length = bytes.length < PAGE ? undefined : claimedEntryLength(bytes, ring);
  if (length === undefined || bytes.length < length) return { defect: 'not an entry of this log' };
  const whole = bytes.subarray(0, length);
  const reader = new ByteReader(whole, 'VHDX log entry');
  const stored = reader.seek(4).u32();
  if (stored !== crc32cWithoutField(whole, 4)) return { defect: 'checksum' };
  const tail = reader.seek(12).u32();
  const sequenceNumber = reader.u64Opaque();
  const count = reader.u32();
  reader.seek(48);
  const flushed = reader.u64Opaque();
  const last = reader.u64Opaque();
  if (tail >= ring.length || tail % PAGE !== 0) return { defect: `tail ${tail}` };
  if (sequenceNumber === 0n) return { defect: 'sequence number 0' };
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  if (flushed > limit || last > limit) return { defect: 'file offsets beyond 2^53' };
  const writes: LogWrite[] = [];
  let dataAt = descriptorArea(count);
  for (let i = 0; i < count; i++) {
    const write = decodeDescriptor(whole, i, dataAt, sequenceNumber, ring);
    if ('defect' in write) return write;
    if (write.kind === 'page') dataAt += PAGE;
    writes.push(write);
  }
  if (dataAt !== length) return { defect: `length ${length}; expected ${dataAt} for its parts` };
  const [flushedFileOffset, lastFileOffset] = [Number(flushed), Number(last)];
  return { length, tail, sequenceNumber, flushedFileOffset, lastFileOffset, writes };
}

function decodeDescriptor(
  entry: Uint8Array,
  index: number,
  dataAt: number,
  sequence: bigint,
  ring: LogRing,
): LogWrite | LogDefect {
  const reader = new ByteReader(entry, 'VHDX log descriptor').seek(HEADER + index * DESCRIPTOR);
  const signature = reader.ascii(4);
  const trailing = reader.bytes(4);
  const leading = reader.bytes(8);
  const offset = reader.u64Opaque();
  if (reader.u64Opaque() !== sequence) return { defect: `descriptor ${index}: sequence number` };
  if (signature === 'zero') {
    const length = new ByteReader(leading, 'VHDX zero descriptor').u64Opaque();
    const place = checkTarget(offset, length, ring);
    if (place === undefined) return { defect: `descriptor ${index}: target` };
    return { kind: 'zero', offset: place, length: Number(length) };
  }
  if (signature !== 'desc') return { defect: `descriptor ${index}: signature` };
  const place = checkTarget(offset, BigInt(PAGE), ring);
  if (place === undefined) return { defect: `descriptor ${index}: target` };
  if (dataAt + PAGE > entry.length) return { defect: `descriptor ${index}: no data sector` };
  const sector = new ByteReader(entry.subarray(dataAt, dataAt + PAGE), 'VHDX log data sector');
  if (sector.ascii(4) !== 'data')
    return { defect: `data sector of descriptor ${index}: signature` };
  const high = sector.u32();
  const middle = sector.bytes(DATA_BYTES);
  if (((BigInt(high) << 32n) | BigInt(sector.u32())) !== sequence) {
    return { defect: `data sector of descriptor ${index}: torn` };
  }
  const bytes = new Uint8Array(PAGE);
  bytes.set(leading);
  bytes.set(middle, 8);
  bytes.set(trailing, PAGE - 4);
  return { kind: 'page', offset: place, bytes };
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
  const writer = new ByteWriter(area + pages.length * PAGE)
    .ascii('loge')
    .u32(0)
    .u32(area + pages.length * PAGE)
    .u32(entry.tail)
    .u64(entry.sequenceNumber)
    .u32(entry.writes.length)
    .u32(0)
    .guid(logGuid)
    .u64(entry.flushedFileOffset)
    .u64(entry.lastFileOffset);
  for (const write of entry.writes) {
    if (write.offset % PAGE !== 0 || (write.kind === 'page' && write.bytes.length !== PAGE)) {
      throw vhdxError('vhdx.write.argument', `a log write at ${write.offset} is not a whole page`, {
        data: { offset: write.offset },
      });
    }
    if (write.kind === 'zero') writer.ascii('zero').u32(0).u64(write.length);
    else
      writer
        .ascii('desc')
        .put(write.bytes.subarray(PAGE - 4))
        .put(write.bytes.subarray(0, 8));
    writer.u64(write.offset).u64(entry.sequenceNumber);
  }
  writer.seek(area);
  for (const page of pages) {
    writer
      .ascii('data')
      .u32(Number(entry.sequenceNumber >> 32n))
      .put(page.bytes.subarray(8, 8 + DATA_BYTES))
      .u32(Number(entry.sequenceNumber & 0xffffffffn));
  }
  const sum = crc32cWithoutField(writer.bytes, 4);
  return writer.seek(4).u32(sum).bytes;
}
