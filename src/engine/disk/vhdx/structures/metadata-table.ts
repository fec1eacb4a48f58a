import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import type { Guid } from '../../../base/guid.ts';
import { printable } from './file-identifier.ts';
import {
  MAX_METADATA_ITEM,
  MAX_TABLE_ENTRIES,
  MAX_USER_ITEMS,
  METADATA_TABLE_SIZE,
} from './layout.ts';
import { vhdxError } from './vhdx-errors.ts';

/**
 * Metadata table (MS-VHDX 2.6.1), the first 64 KiB of the metadata region:
 *
 *      0   8  “metadata”
 *      8   2  reserved        10  2  entries, at most 2047       12  20  reserved
 *     32      entries of 32 bytes: GUID, u32 offset from the region's start (≥ 64 KiB), u32 length
 *             (≤ 1 MiB), u32 flags, u32 reserved
 *
 * The region has no checksum: it is changed only through the log.
 */
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

export function decodeMetadataTable(
  bytes: Uint8Array,
  region: { readonly offset: number; readonly length: number },
): readonly MetadataEntry[] {
  const reader = new ByteReader(bytes, 'VHDX metadata table');
  const signature = reader.ascii(8);
  if (signature !== 'metadata') {
    throw vhdxError(
      'vhdx.metadata.signature',
      `the metadata region at ${region.offset} begins with “${printable(signature)}”, not with “metadata”`,
      { data: { offset: region.offset, found: printable(signature), expected: 'metadata' } },
    );
  }
  const count = reader.skip(2).u16();
  if (count > MAX_TABLE_ENTRIES) {
    throw vhdxError(
      'vhdx.metadata.count',
      `the metadata table claims ${count} entries; at most ${MAX_TABLE_ENTRIES} are allowed`,
      { data: { offset: region.offset + 10, found: count, expected: MAX_TABLE_ENTRIES } },
    );
  }
  reader.skip(20);
  const entries: MetadataEntry[] = [];
  for (let i = 0; i < count; i++) entries.push(decodeEntry(reader, region));
  checkTogether(entries, region.offset);
  return entries;
}

export function encodeMetadataTable(entries: readonly MetadataEntry[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(METADATA_TABLE_SIZE).ascii('metadata').u16(0).u16(entries.length);
  writer.seek(32);
  for (const entry of entries) {
    const flags =
      (entry.isUser ? 1 : 0) | (entry.isVirtualDisk ? 2 : 0) | (entry.isRequired ? 4 : 0);
    writer.guid(entry.id).u32(entry.offset).u32(entry.length).u32(flags).u32(0);
  }
  return writer.bytes;
}

function decodeEntry(
  reader: ByteReader,
  region: { readonly offset: number; readonly length: number },
): MetadataEntry {
  const at = region.offset + reader.position;
  const id = reader.guid();
  const offset = reader.u32();
  const length = reader.u32();
  const flags = reader.u32();
  reader.skip(4);
  const placed =
    length === 0
      ? offset === 0 || offset >= METADATA_TABLE_SIZE
      : offset >= METADATA_TABLE_SIZE && offset + length <= region.length;
  if (!placed || length > MAX_METADATA_ITEM) {
    throw vhdxError(
      'vhdx.metadata.place',
      `metadata item ${id} claims ${length} bytes at ${offset} of a region of ${region.length}; ` +
        `items lie at ${METADATA_TABLE_SIZE} or later and have at most ${MAX_METADATA_ITEM} bytes`,
      { data: { offset: at, item: id, itemOffset: offset, itemLength: length } },
    );
  }
  return {
    id,
    offset,
    length,
    isUser: (flags & 1) !== 0,
    isVirtualDisk: (flags & 2) !== 0,
    isRequired: (flags & 4) !== 0,
  };
}

function checkTogether(entries: readonly MetadataEntry[], fileOffset: number): void {
  const seen = new Set<string>();
  let users = 0;
  for (const entry of entries) {
    const key = `${entry.id} ${entry.isUser}`;
    if (seen.has(key)) {
      throw vhdxError('vhdx.metadata.duplicate', `metadata item ${entry.id} is listed twice`, {
        data: { offset: fileOffset, item: entry.id },
      });
    }
    seen.add(key);
    if (entry.isUser) users++;
  }
  if (users > MAX_USER_ITEMS) {
    throw vhdxError(
      'vhdx.metadata.count',
      `the metadata table has ${users} user items; at most ${MAX_USER_ITEMS} are allowed`,
      { data: { offset: fileOffset, found: users, expected: MAX_USER_ITEMS } },
    );
  }
  const stored = entries.filter((e) => e.length > 0).sort((a, b) => a.offset - b.offset);
  for (let i = 1; i < stored.length; i++) {
    const before = stored[i - 1] as MetadataEntry;
    const after = stored[i] as MetadataEntry;
    if (before.offset + before.length > after.offset) {
      throw vhdxError(
        'vhdx.metadata.overlap',
        `metadata items ${before.id} and ${after.id} overlap`,
        { data: { offset: fileOffset + after.offset, first: before.id, second: after.id } },
      );
    }
  }
}
