import { fieldDefects, number, oneOf, zero } from '../../../inspect/field-rules.ts';
import { fields, readField, sizeOf, writeFields } from '../../../inspect/fields.ts';
import { MAX_TABLE_ENTRIES, MAX_USER_ITEMS, METADATA_TABLE_SIZE } from '../layout.ts';
import {
  decodeMetadataEntry,
  encodeMetadataEntry,
  METADATA_ENTRY,
  METADATA_ENTRY_SIZE,
  metadataEntryDefects,
  type MetadataEntry,
} from './metadata-entry.ts';
import { printable } from '../../../inspect/plain.ts';
import { refuse, tooShort, type VhdxDefect } from '../vhdx-defect.ts';

/**
 * Metadata table (MS-VHDX 2.6.1), the first 64 KiB of the metadata region. The region has no
 * checksum: it is changed only through the log.
 */
const SECTION = 'MS-VHDX 2.6.1.1';
const NAME = 'the metadata table';

export const METADATA_TABLE = fields(SECTION, {
  Signature: [
    0,
    8,
    'ascii',
    'The letters “metadata”',
    oneOf('vhdx.metadata.signature', ['metadata'], { error: 'vhdx.metadata.signature' }),
  ],
  Reserved: [8, 2, 'reserved', 'Zero', zero('vhdx.metadata.reserved')],
  EntryCount: [
    10,
    2,
    'u16',
    'At most 2047',
    number(
      'vhdx.metadata.count',
      `at most ${MAX_TABLE_ENTRIES}`,
      (value) => value <= MAX_TABLE_ENTRIES,
      { error: 'vhdx.metadata.count' },
    ),
  ],
  Reserved2: [12, 20, 'reserved', 'Zero', zero('vhdx.metadata.reserved')],
});
const HEADER_SIZE = sizeOf(METADATA_TABLE);

/** The region that the table begins. */
export interface MetadataPlace {
  readonly offset: number;
  readonly length: number;
}

/** An entry of the table and its offset in the file. */
export interface PlacedEntry extends MetadataEntry {
  readonly at: number;
  /** Bytes of the entry. */
  readonly bytes: Uint8Array;
}

/** Returns the entries of a table that has the right signature, unchecked and in order. */
export function metadataEntries(bytes: Uint8Array, tableAt: number): readonly PlacedEntry[] {
  if (bytes.length < HEADER_SIZE) return [];
  if (readField(METADATA_TABLE.Signature, bytes) !== 'metadata') return [];
  const fit = Math.floor((bytes.length - HEADER_SIZE) / METADATA_ENTRY_SIZE);
  const count = Math.min(readField(METADATA_TABLE.EntryCount, bytes), fit, MAX_TABLE_ENTRIES);
  return Array.from({ length: count }, (_, i) => {
    const start = HEADER_SIZE + i * METADATA_ENTRY_SIZE;
    const entry = bytes.subarray(start, start + METADATA_ENTRY_SIZE);
    return { ...decodeMetadataEntry(entry), at: tableAt + start, bytes: entry };
  });
}

/** Returns all defects of the table and of its entries, but not of the items. */
export function metadataTableDefects(
  bytes: Uint8Array,
  region: MetadataPlace,
): readonly VhdxDefect[] {
  const short = tooShort(bytes, METADATA_TABLE_SIZE, NAME, region.offset, SECTION);
  if (short.length > 0 && bytes.length < HEADER_SIZE) return short;
  const own: VhdxDefect[] = fieldDefects(METADATA_TABLE, bytes, NAME, region.offset);
  const [first] = own;
  if (first?.field === 'Signature') return [{ ...first, found: printable(String(first.found)) }];
  if (own.some(({ field }) => field === 'EntryCount')) return own;
  const entries = metadataEntries(bytes, region.offset);
  return [
    ...own,
    ...entries.flatMap((entry) => metadataEntryDefects(entry.bytes, entry.at, region.length)),
    ...togetherDefects(entries, region.offset),
    ...short,
  ];
}

export function decodeMetadataTable(
  bytes: Uint8Array,
  region: MetadataPlace,
): readonly MetadataEntry[] {
  refuse(metadataTableDefects(bytes, region));
  return metadataEntries(bytes, region.offset).map(({ at: _at, bytes: _bytes, ...entry }) => entry);
}

export function encodeMetadataTable(entries: readonly MetadataEntry[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(METADATA_TABLE_SIZE);
  writeFields(METADATA_TABLE, bytes, { Signature: 'metadata', EntryCount: entries.length });
  entries.forEach((entry, i) => {
    encodeMetadataEntry(entry, bytes.subarray(HEADER_SIZE + i * METADATA_ENTRY_SIZE));
  });
  return bytes;
}

function togetherDefects(entries: readonly PlacedEntry[], tableAt: number): VhdxDefect[] {
  const found: VhdxDefect[] = [];
  const base = { structure: NAME, section: 'MS-VHDX 2.6.1.2' } as const;
  const seen = new Set<string>();
  let users = 0;
  for (const { id, isUser, at } of entries) {
    const key = `${id} ${isUser}`;
    if (isUser) users++;
    if (seen.has(key)) {
      found.push({
        ...base,
        code: 'vhdx.metadata.duplicate',
        error: 'vhdx.metadata.duplicate',
        offset: at,
        found: id,
        expected: 'each item once',
        text: `metadata item ${id} is listed twice`,
        data: { item: id },
      });
    }
    seen.add(key);
  }
  if (users > MAX_USER_ITEMS) {
    found.push({
      ...base,
      code: 'vhdx.metadata.users',
      error: 'vhdx.metadata.count',
      offset: tableAt + METADATA_TABLE.EntryCount.offset,
      found: users,
      expected: MAX_USER_ITEMS,
      text: `the metadata table has ${users} user items; at most ${MAX_USER_ITEMS} are allowed`,
    });
  }
  const stored = entries.filter((e) => e.length > 0).sort((a, b) => a.offset - b.offset);
  for (const [i, after] of stored.entries()) {
    const before = stored[i - 1];
    if (before === undefined || before.offset + before.length <= after.offset) continue;
    found.push({
      ...base,
      code: 'vhdx.metadata.overlap',
      error: 'vhdx.metadata.overlap',
      field: 'Offset',
      offset: after.at + METADATA_ENTRY.Offset.offset,
      found: after.offset,
      expected: `at least ${before.offset + before.length}`,
      text: `metadata items ${before.id} and ${after.id} overlap`,
      data: { first: before.id, second: after.id },
    });
  }
  return found;
}
