import type { Guid } from '../../../../base/guid.ts';
import { fieldDefects, number, zero } from '../../../inspect/field-rules.ts';
import { fields, readFields, writeFields } from '../../../inspect/fields.ts';
import { MAX_METADATA_ITEM, METADATA_TABLE_SIZE } from '../layout.ts';
import type { VhdxDefect } from '../vhdx-defect.ts';

/** An entry of the metadata table (MS-VHDX 2.6.1.2), 32 bytes. */
export interface MetadataEntry {
  readonly id: Guid;
  /** Offset from the start of the region; 0 if `length` is 0. */
  readonly offset: number;
  readonly length: number;
  readonly isUser: boolean;
  /** Describes the virtual disk and not this file: a merge copies it to the parent. */
  readonly isVirtualDisk: boolean;
  readonly isRequired: boolean;
}

export const METADATA_ENTRY_SIZE = 32;
const SECTION = 'MS-VHDX 2.6.1.2';

export const METADATA_ENTRY = fields(SECTION, {
  ItemId: [0, 16, 'guid', 'Kind of the item'],
  Offset: [16, 4, 'u32', 'Offset from the start of the metadata region, at least 64 KiB'],
  Length: [
    20,
    4,
    'size32',
    'At most 1 MiB',
    number(
      'vhdx.metadata.itemLength',
      `at most ${MAX_METADATA_ITEM}`,
      (value) => value <= MAX_METADATA_ITEM,
      { error: 'vhdx.metadata.place' },
    ),
  ],
  Flags: [
    24,
    4,
    'flags32',
    'Owner and kind of the item',
    { 0: 'IsUser', 1: 'IsVirtualDisk', 2: 'IsRequired' },
    [zero('vhdx.metadata.flags', 0xfffffff8)],
  ],
  Reserved: [28, 4, 'reserved', 'Zero', zero('vhdx.metadata.entryReserved')],
});

/**
 * Returns all defects of one entry.
 * @param bytes of the entry @param at its offset in the file
 * @param regionLength length of the metadata region, in which the item must lie
 */
export function metadataEntryDefects(
  bytes: Uint8Array,
  at: number,
  regionLength: number,
): VhdxDefect[] {
  const { id, offset, length } = decodeMetadataEntry(bytes);
  const structure = `the entry of metadata item ${id}`;
  const found: VhdxDefect[] = fieldDefects(METADATA_ENTRY, bytes, structure, at);
  const inside = offset >= METADATA_TABLE_SIZE && offset + length <= regionLength;
  if (length === 0 ? offset === 0 || offset >= METADATA_TABLE_SIZE : inside) return found;
  found.push({
    code: 'vhdx.metadata.itemOffset',
    error: 'vhdx.metadata.place',
    structure,
    field: 'Offset',
    offset: at + METADATA_ENTRY.Offset.offset,
    found: offset,
    expected: `from ${METADATA_TABLE_SIZE} to ${Math.max(0, regionLength - length)}`,
    section: SECTION,
    text:
      `metadata item ${id} claims ${length} bytes at ${offset} of a region of ${regionLength}; ` +
      `items lie at ${METADATA_TABLE_SIZE} or later and have at most ${MAX_METADATA_ITEM} bytes`,
    data: { item: id },
  });
  return found;
}

/** Decodes an entry unchecked. */
export function decodeMetadataEntry(bytes: Uint8Array): MetadataEntry {
  const { ItemId: id, Offset: offset, Length: length, Flags } = readFields(METADATA_ENTRY, bytes);
  return {
    id,
    offset,
    length,
    isUser: (Flags & 1) !== 0,
    isVirtualDisk: (Flags & 2) !== 0,
    isRequired: (Flags & 4) !== 0,
  };
}

export function encodeMetadataEntry(entry: MetadataEntry, into: Uint8Array): void {
  const { id, offset, length, isUser, isVirtualDisk, isRequired } = entry;
  const flags = (isUser ? 1 : 0) | (isVirtualDisk ? 2 : 0) | (isRequired ? 4 : 0);
  writeFields(METADATA_ENTRY, into, { ItemId: id, Offset: offset, Length: length, Flags: flags });
}
