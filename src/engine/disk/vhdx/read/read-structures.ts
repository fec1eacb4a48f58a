import { isEngineError } from '../../../base/errors.ts';
import type { Guid } from '../../../base/guid.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import {
  decodeFileIdentifier,
  FILE_IDENTIFIER_READ,
  type FileIdentifier,
} from '../structures/file-identifier.ts';
import { chooseHeader, type ChosenHeader } from '../structures/header.ts';
import {
  HEADER_OFFSETS,
  HEADER_SIZE,
  METADATA_TABLE_SIZE,
  REGION_TABLE_OFFSETS,
  REGION_TABLE_SIZE,
} from '../structures/layout.ts';
import type { LoadedItem } from '../structures/metadata/item-rules.ts';
import {
  decodeMetadataItems,
  itemsToRead,
  type VhdxMetadata,
} from '../structures/metadata/metadata-items.ts';
import type { MetadataEntry } from '../structures/metadata/metadata-entry.ts';
import { decodeMetadataTable } from '../structures/metadata/metadata-table.ts';
import type { Region } from '../structures/regions/region-entry.ts';
import { chooseRegionTable, type RegionTable } from '../structures/regions/region-table.ts';
import { vhdxError } from '../structures/vhdx-errors.ts';

/** Reads exactly `length` bytes. Throws `vhdx.truncated` with the structure's name. */
export async function readExactly(
  source: ByteSource,
  offset: number,
  length: number,
  what: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (offset + length > source.size) {
    throw vhdxError(
      'vhdx.truncated',
      `${what} needs ${length} bytes at ${offset}; the file ends at ${source.size}`,
      { data: { offset, needed: length, size: source.size } },
    );
  }
  const bytes = new Uint8Array(length);
  await source.read(offset, bytes, signal);
  return bytes;
}

/**
 * Reads the identifier and the current header: nothing else may be read before the log is replayed.
 */
export async function readHead(
  source: ByteSource,
  signal: AbortSignal,
): Promise<{ readonly identifier: FileIdentifier; readonly current: ChosenHeader }> {
  const start = new Uint8Array(Math.min(FILE_IDENTIFIER_READ, source.size));
  await source.read(0, start, signal);
  const identifier = decodeFileIdentifier(start);
  const page = (i: 0 | 1): Promise<Uint8Array> =>
    readExactly(source, HEADER_OFFSETS[i], HEADER_SIZE, `VHDX header ${i + 1}`, signal);
  return { identifier, current: chooseHeader(...(await readCopies(page, signal))) };
}

/**
 * Reads the two copies of a structure. One that the medium cannot read is empty, so that the other
 * counts.
 */
async function readCopies(
  read: (copy: 0 | 1) => Promise<Uint8Array>,
  signal: AbortSignal,
): Promise<[Uint8Array, Uint8Array]> {
  const failures: unknown[] = [];
  const tried = async (copy: 0 | 1): Promise<Uint8Array> => {
    try {
      return await read(copy);
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error, 'source.io')) throw error;
      failures.push(error);
      return new Uint8Array();
    }
  };
  const copies: [Uint8Array, Uint8Array] = [await tried(0), await tried(1)];
  if (failures.length === copies.length) throw failures[0];
  return copies;
}

export async function readRegionTable(
  source: ByteSource,
  signal: AbortSignal,
): Promise<RegionTable> {
  const copy = (i: 0 | 1): Promise<Uint8Array> =>
    readExactly(
      source,
      REGION_TABLE_OFFSETS[i],
      REGION_TABLE_SIZE,
      `region table ${i + 1}`,
      signal,
    );
  return chooseRegionTable(...(await readCopies(copy, signal)));
}

/** Reads the metadata region: the table, and the known items. */
export async function readMetadata(
  source: ByteSource,
  region: Region,
  signal: AbortSignal,
): Promise<{ readonly entries: readonly MetadataEntry[]; readonly metadata: VhdxMetadata }> {
  const table = await readExactly(
    source,
    region.offset,
    METADATA_TABLE_SIZE,
    'the metadata table',
    signal,
  );
  const entries = decodeMetadataTable(table, region);
  const items = new Map<Guid, LoadedItem>();
  for (const entry of itemsToRead(entries, region.offset)) {
    const at = region.offset + entry.offset;
    const bytes = await readExactly(source, at, entry.length, 'a metadata item', signal);
    items.set(entry.id, { at, bytes });
  }
  return { entries, metadata: decodeMetadataItems(items) };
}
