/**
 * Returns the number of digits of offsets in a file of this size, at least eight; equal for all
 * rows.
 */
export function offsetDigits(fileSize: number): number {
  return Math.max(8, Math.max(0, fileSize - 1).toString(16).length);
}

export const hexOffset = (offset: number): string => `0x${offset.toString(16)}`;

export const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0');

/** Returns a byte as text: printable ASCII, or a dot. */
export function textByte(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
}

/** Columns of a row of bytes. */
export interface HexLayout {
  readonly perRow: 4 | 8 | 16;
  /** Whether the bytes are shown as text too. */
  readonly text: boolean;
}

/**
 * Returns the most bytes per row that fit into this many characters. Rather than fewer than 8 bytes,
 * a row has no text.
 */
export function hexLayout(characters: number, digits: number): HexLayout {
  // The offset and a gap, three characters per byte; a gap, the text.
  const needed = (bytes: number): number => digits + 1 + bytes * 3;
  if (characters >= needed(16) + 17) return { perRow: 16, text: true };
  if (characters >= needed(8) + 9) return { perRow: 8, text: true };
  if (characters >= needed(8) - 1) return { perRow: 8, text: false };
  return { perRow: 4, text: characters >= needed(4) + 5 };
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

export type ParsedOffset =
  | { readonly offset: number }
  /** `format`: not a valid offset. `behind`: past the end of the file. */
  | { readonly wrong: 'format' | 'behind' };

/**
 * Parses an offset: 65536, 0x10000, 10000h, 3 MiB, 1.5g; with a sign, relative to the current one.
 */
export function parseOffset(text: string, now: number, fileSize: number): ParsedOffset {
  const plain = text
    .trim()
    .toLowerCase()
    .replaceAll(/[_,\s]/g, '');
  const match = /^([+-]?)(?:0x([0-9a-f]+)|([0-9a-f]+)h|(\d+(?:\.\d+)?)(?:([kmgt])i?b?|b)?)$/.exec(
    plain,
  );
  if (match === null) return { wrong: 'format' };
  const [, sign = '', hex = match[3], , decimal = '0', unit = ''] = match;
  const size =
    hex === undefined ? Math.floor(Number(decimal) * (UNITS[unit] ?? 1)) : Number.parseInt(hex, 16);
  const offset = sign === '' ? size : sign === '+' ? now + size : now - size;
  return offset >= 0 && offset < fileSize ? { offset } : { wrong: 'behind' };
}

/** Interprets bytes as little-endian numbers and as a GUID; omits values that need more bytes. */
export function valuesOf(bytes: Uint8Array): readonly (readonly [name: string, value: string])[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: (readonly [string, string])[] = [];
  if (bytes.length >= 1) values.push(['u8', String(view.getUint8(0))]);
  if (bytes.length >= 2) values.push(['u16', String(view.getUint16(0, true))]);
  if (bytes.length >= 4) values.push(['u32', String(view.getUint32(0, true))]);
  if (bytes.length >= 8) values.push(['u64', String(view.getBigUint64(0, true))]);
  if (bytes.length >= 16) values.push(['GUID', guid(bytes)]);
  return values;
}

/** The first three groups are little-endian numbers; the rest are bytes in order. */
function guid(bytes: Uint8Array): string {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const digits = order.map((i) => hexByte(bytes[i] ?? 0)).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
