import { number, oneOf, zero } from '../../../inspect/field-rules.ts';
import { fields, readField, readFields, sizeOf } from '../../../inspect/fields.ts';
import { LOCATOR_TYPE_VHDX, MAX_LOCATOR_KEYS } from '../layout.ts';

/** Keys of a locator (MS-VHDX 2.6.2.6.3). */
export const LINKAGE = 'parent_linkage';
export const LINKAGE2 = 'parent_linkage2';
export const PATH_KEYS = {
  relativePath: 'relative_path',
  volumePath: 'volume_path',
  absolutePath: 'absolute_win32_path',
} as const;

export const LOCATOR_HEADER = fields('MS-VHDX 2.6.2.6.1', {
  LocatorType: [
    0,
    16,
    'guid',
    `${LOCATOR_TYPE_VHDX} for a VHDX parent`,
    oneOf('vhdx.locator.type', [LOCATOR_TYPE_VHDX], { error: 'vhdx.locator.type' }),
  ],
  Reserved: [16, 2, 'reserved', 'Zero', zero('vhdx.locator.reserved')],
  KeyValueCount: [
    18,
    2,
    'u16',
    'Number of entries that follow',
    number(
      'vhdx.locator.count',
      `at most ${MAX_LOCATOR_KEYS}`,
      (value) => value <= MAX_LOCATOR_KEYS,
      { error: 'vhdx.locator.count' },
    ),
  ],
});

/** Texts are UTF-16LE without a terminator; lengths are in bytes. */
export const LOCATOR_ENTRY = fields('MS-VHDX 2.6.2.6.2', {
  KeyOffset: [0, 4, 'u32', 'Offset from the start of the item'],
  ValueOffset: [4, 4, 'u32', 'Offset from the start of the item'],
  KeyLength: [8, 2, 'u16', 'In bytes'],
  ValueLength: [10, 2, 'u16', 'In bytes'],
});

/** A text of a locator. */
export interface LocatorText {
  /** Offset from the start of the item. */
  readonly at: number;
  readonly length: number;
  /** Undefined if it lies outside the item, or has half a character. */
  readonly text: string | undefined;
}

export interface LocatorEntry {
  /** Offset of the entry from the start of the item. */
  readonly at: number;
  readonly key: LocatorText;
  readonly value: LocatorText;
}

/** Returns the entries unchecked: even a damaged locator may tell where the parent was. */
export function locatorEntries(bytes: Uint8Array): readonly LocatorEntry[] {
  const [header, size] = [sizeOf(LOCATOR_HEADER), sizeOf(LOCATOR_ENTRY)];
  if (bytes.length < header) return [];
  const fit = Math.floor((bytes.length - header) / size);
  const count = Math.min(readField(LOCATOR_HEADER.KeyValueCount, bytes), fit, MAX_LOCATOR_KEYS);
  return Array.from({ length: count }, (_, i) => {
    const at = header + i * size;
    const entry = readFields(LOCATOR_ENTRY, bytes.subarray(at, at + size));
    return {
      at,
      key: textAt(bytes, entry.KeyOffset, entry.KeyLength),
      value: textAt(bytes, entry.ValueOffset, entry.ValueLength),
    };
  });
}

function textAt(bytes: Uint8Array, at: number, length: number): LocatorText {
  if (at + length > bytes.length || length % 2 !== 0) return { at, length, text: undefined };
  const { buffer, byteOffset } = bytes;
  return { at, length, text: Buffer.from(buffer, byteOffset + at, length).toString('utf16le') };
}
