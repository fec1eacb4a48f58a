import { NIL_GUID, type Guid } from '../../../base/guid.ts';
import { fieldDefects, number, oneOf, zero } from '../../inspect/field-rules.ts';
import { fields, readFields, writeFields } from '../../inspect/fields.ts';
import { checksumDefect, seal } from './checksum.ts';
import { HEADER_OFFSETS, HEADER_SIZE, MAX_LOG_LENGTH, MIB } from './layout.ts';
import { firstError, ofReplaced, refuse, tooShort, type VhdxDefect } from './vhdx-defect.ts';

/** One of the two headers (MS-VHDX 2.2.2), 4096 bytes at 64 KiB and 128 KiB. */
export interface VhdxHeader {
  readonly sequenceNumber: bigint;
  readonly fileWriteGuid: Guid;
  readonly dataWriteGuid: Guid;
  /** Nil if there is nothing to replay. */
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
}

const SECTION = 'MS-VHDX 2.2.2';
const wholeMib = (value: number): boolean => value % MIB === 0;

export const HEADER = fields(SECTION, {
  Signature: [
    0,
    4,
    'ascii',
    'The letters “head”',
    oneOf('vhdx.header.signature', ['head'], { error: 'vhdx.header.signature' }),
  ],
  Checksum: [4, 4, 'crc32', 'CRC-32C over the 4096 bytes, this field counted as zero'],
  SequenceNumber: [8, 8, 'u64', 'Of two valid headers the one with the greater number is current'],
  FileWriteGuid: [16, 16, 'guid', 'New before the first change of any kind after opening'],
  DataWriteGuid: [
    32,
    16,
    'guid',
    'New before the first change that a guest could see; identifies the parent in its children',
  ],
  LogGuid: [
    48,
    16,
    'guid',
    'Zero if there is nothing to replay; otherwise the GUID of the valid log entries',
  ],
  LogVersion: [64, 2, 'u16', 'Must be 0'],
  Version: [
    66,
    2,
    'u16',
    'Must be 1',
    oneOf('vhdx.header.version', [1], { error: 'vhdx.header.version' }),
  ],
  LogLength: [
    68,
    4,
    'size32',
    'A multiple of 1 MiB',
    number(
      'vhdx.header.logLength',
      `a multiple of ${MIB}, at most ${MAX_LOG_LENGTH}`,
      (value) => wholeMib(value) && value <= MAX_LOG_LENGTH,
      { error: 'vhdx.header.log' },
    ),
  ],
  LogOffset: [
    72,
    8,
    'u64',
    'File offset of the log, a multiple of 1 MiB',
    [
      number('vhdx.header.logOffset', 'less than 2^53', Number.isSafeInteger, {
        error: 'bytes.u64',
      }),
      number('vhdx.header.logOffset', `a multiple of ${MIB}`, wholeMib, {
        error: 'vhdx.header.log',
      }),
    ],
  ],
  Reserved: [80, 4016, 'reserved', 'Zero', zero('vhdx.header.reserved')],
});

/** Name of a header in messages. */
const nameOf = (at: number): string => `VHDX header ${at === HEADER_OFFSETS[1] ? 2 : 1}`;

/** Returns the defects that make a header count for nothing: signature and checksum. */
function copyDefects(bytes: Uint8Array, at: number): VhdxDefect[] {
  const name = nameOf(at);
  const short = tooShort(bytes, HEADER_SIZE, name, at, SECTION);
  if (short.length > 0) return short;
  const signature = fieldDefects<'vhdx.header.signature'>(
    { Signature: HEADER.Signature },
    bytes,
    name,
    at,
  );
  if (signature.length > 0) return signature;
  const whole = bytes.subarray(0, HEADER_SIZE);
  return checksumDefect(HEADER.Checksum, whole, name, at, 'vhdx.header.checksum');
}

/** Returns all defects of a header: of a damaged copy, only those that say so. */
function headerDefects(bytes: Uint8Array, at: number): readonly VhdxDefect[] {
  const copy = copyDefects(bytes, at);
  if (copy.length > 0) return copy;
  const name = nameOf(at);
  const found: VhdxDefect[] = fieldDefects(HEADER, bytes, name, at);
  const { LogGuid, LogLength, LogOffset, LogVersion } = readFields(HEADER, bytes);
  const dirty = LogGuid !== NIL_GUID;
  const about = { structure: name, section: SECTION } as const;
  if (LogVersion !== 0) {
    found.push({
      ...about,
      code: 'vhdx.header.logVersion',
      ...(dirty ? { error: 'vhdx.header.version' } : { severity: 'warning' }),
      field: 'LogVersion',
      offset: at + HEADER.LogVersion.offset,
      found: LogVersion,
      expected: 0,
    });
  }
  if (LogLength === 0 && dirty) {
    found.push({
      ...about,
      code: 'vhdx.header.noLog',
      error: 'vhdx.header.log',
      field: 'LogLength',
      offset: at + HEADER.LogLength.offset,
      found: 0,
      expected: `at least ${MIB}, because LogGuid is not zero`,
    });
  } else if (LogLength !== 0 && LogOffset < BigInt(MIB)) {
    found.push({
      ...about,
      code: 'vhdx.header.logOffset',
      error: 'vhdx.header.log',
      field: 'LogOffset',
      offset: at + HEADER.LogOffset.offset,
      found: Number(LogOffset),
      expected: `at least ${MIB}`,
    });
  }
  return found;
}

/** Decodes a header whose signature and checksum are right: they alone decide whether it counts. */
export function decodeHeader(bytes: Uint8Array, fileOffset: number): VhdxHeader {
  refuse(copyDefects(bytes, fileOffset));
  const values = readFields(HEADER, bytes);
  return {
    sequenceNumber: values.SequenceNumber,
    fileWriteGuid: values.FileWriteGuid,
    dataWriteGuid: values.DataWriteGuid,
    logGuid: values.LogGuid,
    logVersion: values.LogVersion,
    version: values.Version,
    logLength: values.LogLength,
    logOffset: Number(values.LogOffset),
  };
}

export function encodeHeader(header: VhdxHeader): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_SIZE);
  writeFields(HEADER, bytes, {
    Signature: 'head',
    SequenceNumber: header.sequenceNumber,
    FileWriteGuid: header.fileWriteGuid,
    DataWriteGuid: header.dataWriteGuid,
    LogGuid: header.logGuid,
    LogVersion: header.logVersion,
    Version: header.version,
    LogLength: header.logLength,
    LogOffset: BigInt(header.logOffset),
  });
  return seal(HEADER.Checksum, bytes);
}

/** The two headers as the file has them, and the current one. */
export interface Headers {
  readonly chosen: ChosenHeader | undefined;
  /** Defects of each slot; those of a copy that the other replaces are warnings without error. */
  readonly defects: readonly [readonly VhdxDefect[], readonly VhdxDefect[]];
  /** Defects of the pair. */
  readonly together: readonly VhdxDefect[];
}

/**
 * Checks the two 4 KiB pages. An intact header with an impossible value is never
 * replaced by an older one. Equal sequence numbers violate the specification, as Disk2vhd writes them: the first
 * header is chosen.
 */
export function judgeHeaders(first: Uint8Array, second: Uint8Array): Headers {
  const pages = [first, second] as const;
  const all = pages.map((page, i) => headerDefects(page, HEADER_OFFSETS[i as HeaderSlot]));
  const intact = pages.map((page, i) => {
    const at = HEADER_OFFSETS[i as HeaderSlot];
    return copyDefects(page, at).length > 0 ? undefined : decodeHeader(page, at);
  });
  const [a, b] = intact;
  if (a === undefined && b === undefined) {
    return { chosen: undefined, defects: [all[0] ?? [], all[1] ?? []], together: [noneOf(all)] };
  }
  const newer = a === undefined || (b !== undefined && b.sequenceNumber > a.sequenceNumber);
  const slot: HeaderSlot = newer ? 1 : 0;
  const header = (newer ? b : a) as VhdxHeader;
  const tie = a !== undefined && b !== undefined && a.sequenceNumber === b.sequenceNumber;
  const ambiguous = tie && first.some((byte, i) => byte !== second[i]);
  const [own = [], other = []] = slot === 0 ? all : [all[1], all[0]];
  const copies = other.map(ofReplaced);
  return {
    chosen: { header, slot, ambiguous },
    defects: slot === 0 ? [own, copies] : [copies, own],
    together: ambiguous ? [TIE] : [],
  };
}

const TIE: VhdxDefect = {
  code: 'vhdx.header.tie',
  severity: 'warning',
  structure: 'the two headers',
  field: 'SequenceNumber',
  offset: HEADER_OFFSETS[0] + 8,
  found: 'the same sequence number in two headers that differ',
  expected: 'two different sequence numbers',
  section: SECTION,
  text: 'both headers are valid and have the same sequence number, but differ; the first is used',
};

function noneOf(all: readonly (readonly VhdxDefect[])[]): VhdxDefect {
  const errors = all.map(firstError);
  const text = errors.map((error) => error?.message).join('; ');
  return {
    code: 'vhdx.header.none',
    error: 'vhdx.header.none',
    structure: 'the two headers',
    offset: HEADER_OFFSETS[0],
    found: 'no valid header',
    expected: 'one valid header at least',
    section: SECTION,
    text: `neither VHDX header is valid: ${text}`,
    data: { first: errors[0]?.code ?? '', second: errors[1]?.code ?? '' },
  };
}

/**
 * Returns the current header of the two 4 KiB pages, with version and log location checked. Throws
 * `vhdx.header.none` if neither is valid.
 */
export function chooseHeader(first: Uint8Array, second: Uint8Array): ChosenHeader {
  const { chosen, defects, together } = judgeHeaders(first, second);
  refuse(chosen === undefined ? together : defects[chosen.slot]);
  return chosen as ChosenHeader;
}
