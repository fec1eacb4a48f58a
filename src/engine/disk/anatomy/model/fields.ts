import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import { guidFromBytes } from '../../../base/guid.ts';
import { node, type FieldNode, type NodeState } from './model.ts';

/** Encoding and display of the bytes of a field. Names ending in `Be` are big-endian. */
export type FieldKind =
  | 'ascii'
  | 'utf16'
  | 'guid'
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'hex32'
  /** A number of bytes, shown with its size in units. */
  | 'size32'
  | 'size64'
  /** Named bits, the lowest first. */
  | 'flags32'
  | 'reserved'
  | 'u16Be'
  | 'u32Be'
  | 'u64Be'
  | 'hex32Be'
  | 'size64Be';

/** A field of a structure, as specified. */
export interface Field {
  readonly name: string;
  /** Offset from the start of the structure, in bytes. */
  readonly offset: number;
  readonly size: number;
  readonly kind: FieldKind;
  /** Meaning of the field; the section is appended. */
  readonly help: string;
  readonly section: string;
  /** Names of bits (`flags32`) or of values. */
  readonly names?: Readonly<Record<number, string>>;
}

type Row = readonly [
  name: string,
  offset: number,
  size: number,
  kind: FieldKind,
  help: string,
  names?: Readonly<Record<number, string>>,
];

/** Creates the field table of one section of a specification. */
export function fields(section: string, rows: readonly Row[]): readonly Field[] {
  return rows.map(([name, offset, size, kind, help, names]) => ({
    name,
    offset,
    size,
    kind,
    help,
    section,
    ...(names === undefined ? {} : { names }),
  }));
}

/** Returns a node per field; omits fields behind the end of the bytes. Never throws. */
export function fieldNodes(
  table: readonly Field[],
  bytes: Uint8Array,
  fileOffset: number,
  states: Readonly<Record<string, NodeState>> = {},
): FieldNode[] {
  return table
    .filter(({ offset, size }) => offset + size <= bytes.length)
    .map((field) =>
      node(field.name, {
        value: fieldValue(field, bytes),
        at: [fileOffset + field.offset, field.size],
        state: states[field.name] ?? 'none',
        help: `${field.help} (${field.section})`,
      }),
    );
}

/**
 * Makes text from a file safe to show: removes control characters and characters that change the
 * text direction.
 */
export function plain(text: string, most = 300): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '·');
  return clean.length > most ? `${clean.slice(0, most)}…` : clean;
}

function fieldValue({ offset, size, kind, names }: Field, bytes: Uint8Array): string {
  const part = bytes.subarray(offset, offset + size);
  if (kind === 'ascii') return plain(String.fromCharCode(...part));
  if (kind === 'utf16') {
    const text = new ByteReader(part, 'text').utf16(size);
    const end = text.indexOf('\0');
    return plain(end < 0 ? text : text.slice(0, end));
  }
  if (kind === 'guid') return guidFromBytes(part);
  if (kind === 'reserved') return part.some((byte) => byte !== 0) ? 'not zero' : '0';
  const value = unsigned(part, kind.endsWith('Be'));
  if (kind.startsWith('hex')) return `0x${value.toString(16).padStart(size * 2, '0')}`;
  if (kind.startsWith('size')) return `${value} (${formatBytes(Number(value))})`;
  if (kind === 'flags32') return flags(Number(value), names ?? {});
  const name = names?.[Number(value)];
  return name === undefined ? String(value) : `${value}: ${name}`;
}

/**
 * Reads an integer of any width: numbers in a damaged file may exceed the engine's safe integers.
 */
function unsigned(part: Uint8Array, bigEndian: boolean): bigint {
  const ordered = bigEndian ? part : part.toReversed();
  return ordered.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function flags(value: number, names: Readonly<Record<number, string>>): string {
  const set = Object.entries(names).flatMap(([bit, name]) =>
    ((value >>> Number(bit)) & 1) === 1 ? [name] : [],
  );
  const hex = `0x${value.toString(16)}`;
  return set.length === 0 ? hex : `${hex}: ${set.join(', ')}`;
}
