import { isEngineError, type EngineError } from '../../../base/errors.ts';
import type { Guid } from '../../../base/guid.ts';
import { inOrder } from '../../../base/in-flight.ts';
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

/** Metadata items that are read at once: a far file server answers each after a while. */
const ITEMS_AT_ONCE = 8;

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
 * Reads the two copies of a structure at once. One that the medium cannot read is empty, so that
 * the other counts.
 */
async function readCopies(
  read: (copy: 0 | 1) => Promise<Uint8Array>,
  signal: AbortSignal,
): Promise<[Uint8Array, Uint8Array]> {
  const tried = async (copy: 0 | 1): Promise<Uint8Array | EngineError> => {
    try {
      return await read(copy);
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error, 'source.io')) throw error;
      return error;
    }
  };
  const copies: (Uint8Array | EngineError)[] = [];
  for await (const copy of inOrder([0, 1] as const, 2, tried)) copies.push(copy);
  const [first, second] = copies as [Uint8Array | EngineError, Uint8Array | EngineError];
  if (isEngineError(first) && isEngineError(second)) throw first;
  const bytes = (copy: Uint8Array | EngineError): Uint8Array =>
    isEngineError(copy) ? new Uint8Array() : copy;
  return [bytes(first), bytes(second)];
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
  const read = async ({ id, offset, length }: MetadataEntry): Promise<[Guid, LoadedItem]> => {
    const at = region.offset + offset;
    return [id, { at, bytes: await readExactly(source, at, length, 'a metadata item', signal) }];
  };
  for await (const item of inOrder(itemsToRead(entries, region.offset), ITEMS_AT_ONCE, read)) {
    items.set(...item);
  }
  return { entries, metadata: decodeMetadataItems(items) };
}
