import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import { EngineError } from '../../../base/errors.ts';
import { NIL_GUID, type Guid } from '../../../base/guid.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import {
  ITEM_FILE_PARAMETERS,
  ITEM_LOGICAL_SECTOR_SIZE,
  ITEM_PARENT_LOCATOR,
  ITEM_PHYSICAL_SECTOR_SIZE,
  ITEM_VIRTUAL_SIZE,
  METADATA_TABLE_SIZE,
} from '../../vhdx/structures/layout.ts';
import {
  decodeMetadataItems,
  itemsToRead,
  type VhdxMetadata,
} from '../../vhdx/structures/metadata-items.ts';
import { decodeMetadataTable, type MetadataEntry } from '../../vhdx/structures/metadata-table.ts';
import { encodeParentLocator } from '../../vhdx/structures/parent-locator.ts';
import type { Region } from '../../vhdx/structures/region-table.ts';
import type { Findings } from '../model/findings.ts';
import { load } from '../model/load.ts';
import { locatorEntries } from './locator.ts';
import { metadataNode, type LoadedItem } from './metadata-nodes.ts';
import type { FieldNode } from '../model/model.ts';

export interface MetadataAnatomy {
  readonly node: FieldNode;
  /** Block size, disk size and sector sizes; absent if they cannot be read. */
  readonly metadata: VhdxMetadata | undefined;
  /** The texts of the parent locator by key; for a damaged one, the readable texts. */
  readonly locator: ReadonlyMap<string, string> | undefined;
  /** File offset of the locator. */
  readonly locatorAt: number | undefined;
}

/** Reads the metadata region: table, items, and the disk's properties in them. */
export async function metadataAnatomy(
  source: ByteSource,
  region: Region,
  findings: Findings,
  signal: AbortSignal,
): Promise<MetadataAnatomy> {
  const what = 'the metadata table';
  const table = await load(source, region.offset, METADATA_TABLE_SIZE, what, findings, signal);
  let entries: readonly MetadataEntry[] = [];
  let defect: EngineError | undefined;
  try {
    entries = decodeMetadataTable(table.bytes, region);
  } catch (error) {
    defect = findings.caught(error, region.offset);
  }
  const items = new Map<Guid, LoadedItem>();
  for (const entry of wanted(entries, region, findings, defect === undefined)) {
    const at = region.offset + entry.offset;
    const { bytes } = await load(source, at, entry.length, 'a metadata item', findings, signal);
    items.set(entry.id, { at, bytes });
  }
  const decoded = defect === undefined ? decodeItems(items, region.offset, findings) : {};
  const locator = items.get(ITEM_PARENT_LOCATOR);
  const texts = new Map(
    locatorEntries(locator?.bytes ?? new Uint8Array(0)).flatMap(({ key, value }) =>
      key.text === undefined || value.text === undefined ? [] : [[key.text, value.text] as const],
    ),
  );
  return {
    node: metadataNode(table.bytes, region, items, defect ?? decoded.defect),
    metadata: decoded.metadata,
    locator: locator === undefined ? undefined : texts,
    locatorAt: locator?.at,
  };
}

/** Returns the known items, even if a reader would reject the file. */
function wanted(
  entries: readonly MetadataEntry[],
  region: Region,
  findings: Findings,
  check: boolean,
): readonly MetadataEntry[] {
  if (!check) return [];
  try {
    return itemsToRead(entries, region.offset);
  } catch (error) {
    findings.caught(error, region.offset);
    return entries.filter((entry) => !entry.isUser && entry.length > 0 && !isLarge(entry));
  }
}

/** Large unknown items of a rejected file are not read. */
const isLarge = (entry: MetadataEntry): boolean =>
  entry.length > 64 && entry.id !== ITEM_PARENT_LOCATOR;

interface Decoded {
  readonly metadata?: VhdxMetadata;
  readonly defect?: EngineError;
}

function decodeItems(
  items: ReadonlyMap<Guid, LoadedItem>,
  regionOffset: number,
  findings: Findings,
): Decoded {
  const bytes = new Map([...items].map(([id, item]) => [id, item.bytes]));
  try {
    return { metadata: decodeMetadataItems(bytes) };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const offset = placeOf(error, items) ?? regionOffset;
    findings.add(error.code, 'error', error.message, offset);
    // The location of blocks does not depend on the locator, so the rest can be read without it.
    const ofLocator =
      error.code.startsWith('vhdx.locator.') || error.data['item'] === ITEM_PARENT_LOCATOR;
    if (!ofLocator) return { defect: error };
    bytes.set(ITEM_PARENT_LOCATOR, encodeParentLocator({ linkage: NIL_GUID }));
    try {
      return { metadata: decodeMetadataItems(bytes), defect: error };
    } catch (other) {
      if (!(other instanceof EngineError)) throw other;
      findings.add(other.code, 'error', other.message, placeOf(other, items) ?? regionOffset);
      return { defect: error };
    }
  }
}

/** Returns the file offset of the value that an item's error is about. */
function placeOf(error: EngineError, items: ReadonlyMap<Guid, LoadedItem>): number | undefined {
  if (error.code.startsWith('vhdx.locator.')) {
    const at = items.get(ITEM_PARENT_LOCATOR)?.at;
    const within = error.data['offset'];
    return at === undefined ? undefined : at + (typeof within === 'number' ? within : 0);
  }
  const { item, what } = error.data;
  if (item === 'block size' || item === ITEM_PARENT_LOCATOR) {
    return items.get(ITEM_FILE_PARAMETERS)?.at;
  }
  if (item === 'sector size') return badSector(items);
  if (item === 'virtual disk size' || String(what).includes('virtual disk size')) {
    return items.get(ITEM_VIRTUAL_SIZE)?.at;
  }
  return undefined;
}

function badSector(items: ReadonlyMap<Guid, LoadedItem>): number | undefined {
  for (const id of [ITEM_LOGICAL_SECTOR_SIZE, ITEM_PHYSICAL_SECTOR_SIZE]) {
    const item = items.get(id);
    if (item === undefined || item.bytes.length < 4) continue;
    const size = new ByteReader(item.bytes, 'VHDX sector size').u32();
    if (size !== 512 && size !== 4096) return item.at;
  }
  return undefined;
}
