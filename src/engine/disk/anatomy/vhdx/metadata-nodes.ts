import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import type { EngineError } from '../../../base/errors.ts';
import type { Guid } from '../../../base/guid.ts';
import {
  ITEM_DISK_ID,
  ITEM_FILE_PARAMETERS,
  ITEM_INCOMPLETE,
  ITEM_LOGICAL_SECTOR_SIZE,
  ITEM_PARENT_LOCATOR,
  ITEM_PHYSICAL_SECTOR_SIZE,
  ITEM_VIRTUAL_SIZE,
  MAX_TABLE_ENTRIES,
} from '../../vhdx/structures/layout.ts';
import type { Region } from '../../vhdx/structures/region-table.ts';
import { fieldNodes, type Field } from '../model/fields.ts';
import { locatorEntries, locatorNodes } from './locator.ts';
import { MAX_LISTED, moreNode, node, type FieldNode } from '../model/model.ts';
import {
  DISK_ID,
  FILE_PARAMETERS,
  LOGICAL_SECTOR,
  METADATA_ENTRY,
  METADATA_TABLE,
  PHYSICAL_SECTOR,
  VIRTUAL_SIZE,
} from './vhdx-fields.ts';

const HEADER = 32;
const ENTRY = 32;

/** An item's bytes and their location in the file. */
export interface LoadedItem {
  readonly at: number;
  readonly bytes: Uint8Array;
}

interface Known {
  readonly name: string;
  readonly fields: readonly Field[];
}

const KNOWN: ReadonlyMap<Guid, Known> = new Map([
  [ITEM_FILE_PARAMETERS, { name: 'File parameters', fields: FILE_PARAMETERS }],
  [ITEM_VIRTUAL_SIZE, { name: 'Virtual disk size', fields: VIRTUAL_SIZE }],
  [ITEM_DISK_ID, { name: 'Virtual disk id', fields: DISK_ID }],
  [ITEM_LOGICAL_SECTOR_SIZE, { name: 'Logical sector size', fields: LOGICAL_SECTOR }],
  [ITEM_PHYSICAL_SECTOR_SIZE, { name: 'Physical sector size', fields: PHYSICAL_SECTOR }],
  [ITEM_PARENT_LOCATOR, { name: 'Parent locator', fields: [] }],
  [ITEM_INCOMPLETE, { name: 'Mark of an incomplete creation', fields: [] }],
]);

/** Builds the tree of the metadata region; shows entries unchecked. */
export function metadataNode(
  table: Uint8Array,
  region: Region,
  items: ReadonlyMap<Guid, LoadedItem>,
  defect: EngineError | undefined,
): FieldNode {
  const entries = rawEntries(table);
  const listed = entries
    .slice(0, MAX_LISTED)
    .map((entry, i) => entryNode(table, region.offset, entry, i, items, defect));
  const head = fieldNodes(METADATA_TABLE, table, region.offset, {
    Signature: defect?.code === 'vhdx.metadata.signature' ? 'bad' : 'ok',
    EntryCount: defect?.code === 'vhdx.metadata.count' ? 'bad' : 'none',
  });
  return node('Metadata', {
    value: defect === undefined ? `${entries.length} items` : 'not valid',
    at: [region.offset, region.length],
    state: defect === undefined ? 'ok' : 'bad',
    help: 'Properties of the disk. Has no checksum: it is changed only through the log (MS-VHDX 2.6)',
    children: [...head, ...listed, ...moreNode(entries.length - listed.length)],
  });
}

interface RawEntry {
  readonly at: number;
  readonly id: Guid;
}

function rawEntries(table: Uint8Array): readonly RawEntry[] {
  if (table.length < HEADER) return [];
  const reader = new ByteReader(table, 'VHDX metadata table');
  if (reader.ascii(8) !== 'metadata') return [];
  const claimed = reader.skip(2).u16();
  const fit = Math.floor((table.length - HEADER) / ENTRY);
  const entries: RawEntry[] = [];
  for (let i = 0; i < Math.min(claimed, fit, MAX_TABLE_ENTRIES); i++) {
    const at = HEADER + i * ENTRY;
    entries.push({ at, id: reader.seek(at).guid() });
  }
  return entries;
}

function entryNode(
  table: Uint8Array,
  regionOffset: number,
  { at, id }: RawEntry,
  index: number,
  items: ReadonlyMap<Guid, LoadedItem>,
  defect: EngineError | undefined,
): FieldNode {
  const known = KNOWN.get(id);
  const item = items.get(id);
  const bad = defect?.data['offset'] === regionOffset + at || defect?.data['item'] === id;
  const value = item === undefined || known === undefined ? [] : valueNodes(id, known, item);
  return node(known?.name ?? `Item ${index + 1}: ${id}`, {
    value: id === ITEM_PARENT_LOCATOR ? '' : value.map((each) => each.value).join('; '),
    at: item === undefined ? [regionOffset + at, ENTRY] : [item.at, item.bytes.length],
    state: bad || isBroken(id, defect) ? 'bad' : 'none',
    help: 'A metadata item (MS-VHDX 2.6.2)',
    children: [
      ...value,
      node('Table entry', {
        at: [regionOffset + at, ENTRY],
        help: 'Location of the item (MS-VHDX 2.6.1.2)',
        children: fieldNodes(METADATA_ENTRY, table.subarray(at, at + ENTRY), regionOffset + at),
      }),
    ],
  });
}

function valueNodes(id: Guid, known: Known, { at, bytes }: LoadedItem): readonly FieldNode[] {
  if (id === ITEM_PARENT_LOCATOR) return locatorNodes(bytes, at, locatorEntries(bytes));
  return fieldNodes(known.fields, bytes, at);
}

/** Errors of values carry the item's name as text. */
function isBroken(id: Guid, defect: EngineError | undefined): boolean {
  if (defect === undefined) return false;
  if (id === ITEM_PARENT_LOCATOR) return defect.code.startsWith('vhdx.locator.');
  const about = `${String(defect.data['item'])} ${String(defect.data['what'])}`;
  if (id === ITEM_FILE_PARAMETERS) return about.includes('block size');
  if (id === ITEM_VIRTUAL_SIZE) return about.includes('virtual disk size');
  return false;
}
