import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import { crc32cWithoutField } from '../../../base/bytes/crc32c.ts';
import { EngineError } from '../../../base/errors.ts';
import { NIL_GUID, type Guid } from '../../../base/guid.ts';
import { printable } from './file-identifier.ts';
import { HEADER_OFFSETS, HEADER_SIZE, MAX_LOG_LENGTH, MIB } from './layout.ts';
import { vhdxError } from './vhdx-errors.ts';

/**
 * One of the two headers (MS-VHDX 2.2.2), 4096 bytes at 64 KiB and 128 KiB:
 *
 *      0   4  “head”
 *      4   4  CRC-32C of the 4096 bytes, this field as zero
 *      8   8  sequence number; of two valid headers the greater is current
 *     16  16  FileWriteGuid: new before the first change of any kind after opening
 *     32  16  DataWriteGuid: new before the first change that a guest could see; children link to it
 *     48  16  LogGuid: nil if there is nothing to replay
 *     64   2  log version, 0     66  2  version, 1
 *     68   4  log length         72  8  log offset, both multiples of 1 MiB
 *     80      zero
 */
export interface VhdxHeader {
  readonly sequenceNumber: bigint;
  readonly fileWriteGuid: Guid;
  readonly dataWriteGuid: Guid;
  readonly logGuid: Guid;
  readonly logVersion: number;
  readonly version: number;
  readonly logLength: number;
  readonly logOffset: number;
}

export type HeaderSlot = 0 | 1;

export interface ChosenHeader {
  readonly header: VhdxHeader;
  /** Slot of the header; the next update goes to the other slot. */
  readonly slot: HeaderSlot;
  /** Both are valid with equal sequence numbers but different contents; the first was chosen. */
  readonly ambiguous: boolean;
  /** Defect of the other header, if it has one. */
  readonly otherDefect?: EngineError;
}

/** Checks signature and checksum only: they alone decide whether a header counts. */
export function decodeHeader(bytes: Uint8Array, fileOffset: number): VhdxHeader {
  const reader = new ByteReader(bytes, 'VHDX header');
  const signature = reader.ascii(4);
  if (signature !== 'head') {
    throw vhdxError(
      'vhdx.header.signature',
      `the VHDX header at ${fileOffset} begins with “${printable(signature)}”, not with “head”`,
      { data: { offset: fileOffset, found: printable(signature), expected: 'head' } },
    );
  }
  const stored = reader.u32();
  const whole = bytes.subarray(0, HEADER_SIZE);
  const computed = crc32cWithoutField(whole, 4);
  if (whole.length !== HEADER_SIZE || stored !== computed) {
    throw vhdxError(
      'vhdx.header.checksum',
      `the VHDX header at ${fileOffset} has checksum ${hex(stored)}; its bytes give ${hex(computed)}`,
      { data: { offset: fileOffset, found: hex(stored), expected: hex(computed) } },
    );
  }
  return {
    sequenceNumber: reader.u64Opaque(),
    fileWriteGuid: reader.guid(),
    dataWriteGuid: reader.guid(),
    logGuid: reader.guid(),
    logVersion: reader.u16(),
    version: reader.u16(),
    logLength: reader.u32(),
    logOffset: reader.u64('log offset'),
  };
}

export function encodeHeader(header: VhdxHeader): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(HEADER_SIZE)
    .ascii('head')
    .u32(0)
    .u64(header.sequenceNumber)
    .guid(header.fileWriteGuid)
    .guid(header.dataWriteGuid)
    .guid(header.logGuid)
    .u16(header.logVersion)
    .u16(header.version)
    .u32(header.logLength)
    .u64(header.logOffset);
  const sum = crc32cWithoutField(writer.bytes, 4);
  return writer.seek(4).u32(sum).bytes;
}

/**
 * Returns the current header of the two 4 KiB pages, with version and log location checked. Equal
 * sequence numbers violate the specification but exist (Disk2vhd): the first is chosen. Throws
 * `vhdx.header.none` if neither is valid.
 */
export function chooseHeader(first: Uint8Array, second: Uint8Array): ChosenHeader {
  const a = attempt(first, HEADER_OFFSETS[0]);
  const b = attempt(second, HEADER_OFFSETS[1]);
  if (a instanceof EngineError) {
    if (b instanceof EngineError) {
      throw vhdxError(
        'vhdx.header.none',
        `neither VHDX header is valid: ${a.message}; ${b.message}`,
        {
          data: { offset: HEADER_OFFSETS[0], first: a.code, second: b.code },
          cause: a,
        },
      );
    }
    return { header: checkHeader(b, 1), slot: 1, ambiguous: false, otherDefect: a };
  }
  if (b instanceof EngineError) {
    return { header: checkHeader(a, 0), slot: 0, ambiguous: false, otherDefect: b };
  }
  const slot = b.sequenceNumber > a.sequenceNumber ? 1 : 0;
  const tie = a.sequenceNumber === b.sequenceNumber;
  const ambiguous = tie && first.some((byte, i) => byte !== second[i]);
  return { header: checkHeader(slot === 0 ? a : b, slot), slot, ambiguous };
}

function attempt(bytes: Uint8Array, offset: number): VhdxHeader | EngineError {
  try {
    return decodeHeader(bytes, offset);
  } catch (error) {
    // An intact header with an impossible value must not give way to an older one.
    if (error instanceof EngineError && error.code !== 'bytes.u64') return error;
    throw error;
  }
}

function checkHeader(header: VhdxHeader, slot: HeaderSlot): VhdxHeader {
  const offset = HEADER_OFFSETS[slot];
  if (header.version !== 1) {
    throw vhdxError(
      'vhdx.header.version',
      `the VHDX version is ${header.version}; only version 1 is supported`,
      {
        data: { offset: offset + 66, found: header.version, expected: 1 },
      },
    );
  }
  const { logLength, logOffset } = header;
  if (header.logGuid !== NIL_GUID && header.logVersion !== 0) {
    throw vhdxError(
      'vhdx.header.version',
      `the log version is ${header.logVersion}; only version 0 is supported`,
      {
        data: { offset: offset + 64, found: header.logVersion, expected: 0 },
      },
    );
  }
  const placed = logLength % MIB === 0 && logOffset % MIB === 0 && logLength <= MAX_LOG_LENGTH;
  const empty = logLength === 0 && header.logGuid === NIL_GUID;
  if (!placed || !(empty || (logLength >= MIB && logOffset >= MIB))) {
    throw vhdxError(
      'vhdx.header.log',
      `the header names a log of ${logLength} bytes at ${logOffset}; both must be multiples of 1 MiB, ` +
        `the offset at least 1 MiB, the length at most ${MAX_LOG_LENGTH}`,
      { data: { offset: offset + 68, logOffset, logLength } },
    );
  }
  return header;
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
