import type { ErrorCode } from '../../api/codes.ts';
import { guidFromBytes, guidToBytes, type Guid } from '../../base/guid.ts';
import type { Severity } from './defect.ts';

/** Encoding of the bytes of each kind of field. Names ending in `Be` are big-endian. */
export interface FieldValues {
  ascii: string;
  /** UTF-16LE up to the first NUL. */
  utf16: string;
  guid: Guid;
  u8: number;
  u16: number;
  u32: number;
  u64: bigint;
  hex32: number;
  /** A checksum, checked over the whole structure. */
  crc32: number;
  /** A number of bytes, shown with its size in units. */
  size32: number;
  size64: bigint;
  /** Named bits, the lowest first. */
  flags32: number;
  /** Offset of the first byte that is not zero; -1 if all are. */
  reserved: number;
  u16Be: number;
  u32Be: number;
  u64Be: bigint;
  hex32Be: number;
  size64Be: bigint;
  hex64Be: bigint;
  size32Be: number;
  /** UTF-16BE up to the first NUL. */
  utf16Be: string;
  /** A UUID whose bytes are in order. */
  uuid: string;
  /** Seconds since 1 January 2000 UTC. */
  date2000Be: number;
}
export type FieldKind = keyof FieldValues;
export type FieldValue = FieldValues[FieldKind];

/** A rule for the value of a field. */
export interface FieldRule {
  readonly code: string;
  /** The error with which readers refuse the file; absent: they accept it. */
  readonly error?: ErrorCode;
  readonly severity?: Severity;
  readonly expected: string | number;
  readonly holds: (value: FieldValue) => boolean;
}

/** A field of a structure, as specified. */
export interface Field<Kind extends FieldKind = FieldKind> {
  readonly name: string;
  /** Offset from the start of the structure, in bytes. */
  readonly offset: number;
  readonly size: number;
  readonly kind: Kind;
  /** Meaning of the field; the section is appended. */
  readonly help: string;
  readonly section: string;
  /** Names of bits (`flags32`) or of values. */
  readonly names?: Readonly<Record<number, string>>;
  readonly rules: readonly FieldRule[];
}

/** The fields of a structure by name, in order. */
export type FieldTable = Readonly<Record<string, Field>>;

type Row = readonly [
  offset: number,
  size: number,
  kind: FieldKind,
  help: string,
  more?: FieldRule | readonly FieldRule[] | Readonly<Record<number, string>>,
  rules?: readonly FieldRule[],
];
type Table<Rows extends Readonly<Record<string, Row>>> = {
  readonly [Name in keyof Rows]: Field<Rows[Name][2]>;
};
type Values<T extends FieldTable> = { readonly [Name in keyof T]: FieldValues[T[Name]['kind']] };

/**
 * Creates the field table of one section of a specification: offset, size, kind, meaning, then
 * rules, or the names of bits or values and then rules.
 */
export function fields<const Rows extends Readonly<Record<string, Row>>>(
  section: string,
  rows: Rows,
): Table<Rows> {
  const made = Object.entries<Row>(rows).map(([name, row]): [string, Field] => {
    const [offset, size, kind, help, more, last = []] = row;
    const field = { name, offset, size, kind, help, section };
    if (more === undefined) return [name, { ...field, rules: last }];
    if (Array.isArray(more)) return [name, { ...field, rules: more as readonly FieldRule[] }];
    if ('holds' in more) return [name, { ...field, rules: [more] }];
    return [name, { ...field, names: more as Readonly<Record<number, string>>, rules: last }];
  });
  return Object.fromEntries(made) as Table<Rows>;
}

/** Reads one field; `bytes` begin with the structure and hold the field. */
export function readField<Kind extends FieldKind>(
  { offset, size, kind }: Field<Kind>,
  bytes: Uint8Array,
): FieldValues[Kind] {
  return (READERS[kind] as (part: Uint8Array) => FieldValues[Kind])(
    bytes.subarray(offset, offset + size),
  );
}

/** Reads all fields of a structure; `bytes` hold all of it. */
export function readFields<T extends FieldTable>(table: T, bytes: Uint8Array): Values<T> {
  return Object.fromEntries(
    Object.values(table).map((field) => [field.name, readField(field, bytes)]),
  ) as Values<T>;
}

/** Writes fields into the bytes of a structure; others stay as they are. */
export function writeFields<T extends FieldTable>(
  table: T,
  bytes: Uint8Array,
  values: Partial<Values<T>>,
): void {
  for (const [name, value] of Object.entries<FieldValue | undefined>(values)) {
    const field = table[name];
    if (field === undefined || value === undefined) continue;
    bytes.set(encoded(field, value), field.offset);
  }
}

/** Returns the bytes of a whole structure; fields without a value are zero. */
export function encodeFields<T extends FieldTable>(
  table: T,
  values: Partial<Values<T>>,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeOf(table));
  writeFields(table, bytes, values);
  return bytes;
}

/** Returns the number of bytes up to the end of the last field. */
export const sizeOf = (table: FieldTable): number =>
  Math.max(...Object.values(table).map(({ offset, size }) => offset + size));

function encoded({ kind, size }: Field, value: FieldValue): Uint8Array {
  if (kind === 'guid') return guidToBytes(value as Guid);
  if (kind === 'uuid') {
    const hex = String(value).replaceAll('-', '');
    return Uint8Array.from({ length: size }, (_, i) =>
      Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16),
    );
  }
  const bytes = new Uint8Array(size);
  if (typeof value === 'string') {
    const unit = kind === 'utf16' || kind === 'utf16Be' ? 2 : 1;
    for (let i = 0; i < value.length && (i + 1) * unit <= size; i++) {
      const code = value.charCodeAt(i);
      bytes[i * unit] = code & 0xff;
      if (unit === 2) bytes[i * 2 + 1] = code >>> 8;
    }
    return kind === 'utf16Be' ? swapped(bytes) : bytes;
  }
  let rest = BigInt(value);
  for (let i = 0; i < size; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return kind.endsWith('Be') ? bytes.reverse() : bytes;
}

const view = (part: Uint8Array): DataView =>
  new DataView(part.buffer, part.byteOffset, part.byteLength);
const u32 = (part: Uint8Array): number => view(part).getUint32(0, true);
const u64 = (part: Uint8Array): bigint => view(part).getBigUint64(0, true);
const u32Be = (part: Uint8Array): number => view(part).getUint32(0);
const u64Be = (part: Uint8Array): bigint => view(part).getBigUint64(0);

/** A loop: `findIndex` takes ten times as long, for 64 KiB at each opening of a VHDX. */
function firstNotZero(part: Uint8Array): number {
  for (let at = 0; at < part.length; at++) if (part[at] !== 0) return at;
  return -1;
}

const READERS: { readonly [Kind in FieldKind]: (part: Uint8Array) => FieldValues[Kind] } = {
  ascii: (part) => String.fromCharCode(...part),
  utf16: (part) => utf16Text(part),
  guid: guidFromBytes,
  u8: (part) => part[0] ?? 0,
  u16: (part) => view(part).getUint16(0, true),
  u32,
  u64,
  hex32: u32,
  crc32: u32,
  size32: u32,
  size64: u64,
  flags32: u32,
  reserved: firstNotZero,
  u16Be: (part) => view(part).getUint16(0),
  u32Be,
  u64Be,
  hex32Be: u32Be,
  size64Be: u64Be,
  hex64Be: u64Be,
  size32Be: u32Be,
  utf16Be: (part) => utf16Text(swapped(part)),
  uuid: (part) => hexOf(part).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  date2000Be: u32Be,
};

const hexOf = (part: Uint8Array): string =>
  Array.from(part, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Returns the bytes with each pair in the other order. */
const swapped = (part: Uint8Array): Uint8Array => Uint8Array.from(part, (_, i) => part[i ^ 1] ?? 0);

function utf16Text(part: Uint8Array): string {
  let text = '';
  for (let i = 0; i + 1 < part.length; i += 2) {
    const code = (part[i] ?? 0) | ((part[i + 1] ?? 0) << 8);
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return text;
}
