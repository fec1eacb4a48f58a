import { NIL_GUID, type Guid } from '../../../../base/guid.ts';
import { fieldDefects } from '../../../inspect/field-rules.ts';
import { readField } from '../../../inspect/fields.ts';
import {
  DISK_ID,
  FILE_PARAMETERS,
  KNOWN_ITEMS,
  LOGICAL_SECTOR,
  PHYSICAL_SECTOR,
  VIRTUAL_SIZE,
  type KnownItem,
} from './item-fields.ts';
import {
  ITEM_DISK_ID,
  ITEM_FILE_PARAMETERS,
  ITEM_INCOMPLETE,
  ITEM_LOGICAL_SECTOR_SIZE,
  ITEM_PARENT_LOCATOR,
  ITEM_PHYSICAL_SECTOR_SIZE,
  ITEM_VIRTUAL_SIZE,
} from '../layout.ts';
import type { MetadataEntry } from './metadata-entry.ts';
import { parentLocatorDefects } from '../locator/locator-rules.ts';
import type { PlacedEntry } from './metadata-table.ts';
import type { VhdxDefect } from '../vhdx-defect.ts';

/** The bytes of an item and their offset in the file. */
export interface LoadedItem {
  readonly at: number;
  readonly bytes: Uint8Array;
}
export type LoadedItems = ReadonlyMap<Guid, LoadedItem>;

const TABLE = 'the metadata table';
const placeOf = (entry: MetadataEntry | PlacedEntry, fallback: number): number =>
  'at' in entry ? entry.at : fallback;

/**
 * Returns the defects of the set of items: unknown required ones, absent or short ones, flags that
 * no writer gives, and the mark of an incomplete creation.
 * @param regionOffset place of defects without an entry of their own
 */
export function itemListDefects(
  entries: readonly (MetadataEntry | PlacedEntry)[],
  regionOffset: number,
): VhdxDefect[] {
  const found: VhdxDefect[] = [];
  const about = { structure: TABLE, section: 'MS-VHDX 2.6.2' } as const;
  const system = entries.filter((e) => !e.isUser);
  const mark = system.find((e) => e.id === ITEM_INCOMPLETE);
  if (mark !== undefined) {
    found.push({
      ...about,
      code: 'vhdx.metadata.incomplete',
      error: 'vhdx.metadata.incomplete',
      offset: placeOf(mark, regionOffset),
      found: ITEM_INCOMPLETE,
      expected: 'no such item',
      section: KNOWN_ITEMS.get(ITEM_INCOMPLETE)?.section ?? about.section,
      text: 'the creation of the file was not completed',
    });
  }
  for (const entry of entries) {
    if (!entry.isUser && KNOWN_ITEMS.has(entry.id)) continue;
    if (!entry.isRequired && entry.isUser) continue;
    found.push({
      ...about,
      ...(entry.isRequired
        ? {
            code: 'vhdx.metadata.unknown',
            error: 'vhdx.metadata.unknown',
            text: `the file needs a reader that understands metadata item ${entry.id}; this one does not`,
          }
        : {
            code: 'vhdx.metadata.optional',
            severity: 'info',
            text: `the optional metadata item ${entry.id} is unknown; readers ignore it and keep it`,
          }),
      offset: placeOf(entry, regionOffset),
      found: entry.id,
      expected: 'a known item',
      data: { item: entry.id },
    });
  }
  for (const [id, known] of KNOWN_ITEMS) {
    const entry = system.find((e) => e.id === id);
    found.push(...knownDefects(id, known, entry, regionOffset));
  }
  return found;
}

function knownDefects(
  id: Guid,
  known: KnownItem,
  entry: MetadataEntry | undefined,
  regionOffset: number,
): VhdxDefect[] {
  const { name, length, section } = known;
  const about = { structure: TABLE, section, data: { item: id } } as const;
  if (entry === undefined) {
    if (!known.always) return [];
    return [
      {
        ...about,
        code: 'vhdx.metadata.missing',
        error: 'vhdx.metadata.missing',
        offset: regionOffset,
        found: 'no entry',
        expected: id,
        text: `the metadata has no item “${name}” (${id})`,
      },
    ];
  }
  const offset = placeOf(entry, regionOffset);
  const found: VhdxDefect[] = [];
  if (entry.length < length) {
    found.push({
      ...about,
      code: 'vhdx.metadata.short',
      error: 'vhdx.metadata.missing',
      offset,
      found: entry.length,
      expected: length,
      text: `the metadata item “${name}” has ${entry.length} bytes; ${length} were expected`,
    });
  }
  if (id === ITEM_INCOMPLETE) return found;
  if (entry.isRequired && entry.isVirtualDisk === known.isVirtualDisk) return found;
  const flags = known.isVirtualDisk ? 'IsVirtualDisk and IsRequired' : 'IsRequired alone';
  found.push({
    ...about,
    code: 'vhdx.metadata.itemFlags',
    severity: 'warning',
    offset,
    found: `IsVirtualDisk ${entry.isVirtualDisk}, IsRequired ${entry.isRequired}`,
    expected: flags,
    text: `the metadata item “${name}” has other flags than ${flags}; a merge could lose it`,
  });
  return found;
}

/** Returns all defects of the values of the items, each alone and together. */
export function itemDefects(items: LoadedItems): VhdxDefect[] {
  return [...valueDefects(items), ...parentDefects(items)];
}

/** Returns the defects of the values that say where blocks are: all but those of the parent. */
export function valueDefects(items: LoadedItems): VhdxDefect[] {
  const found: VhdxDefect[] = [];
  for (const [id, known] of KNOWN_ITEMS) {
    const item = items.get(id);
    if (item === undefined || known.length === 0) continue;
    const name = `the metadata item “${known.name}”`;
    found.push(...fieldDefects<'vhdx.metadata.value'>(known.fields, item.bytes, name, item.at));
  }
  return [...found, ...sizeDefects(items)];
}

const whole = (items: LoadedItems, id: Guid): LoadedItem | undefined => {
  const item = items.get(id);
  return item !== undefined && item.bytes.length >= (KNOWN_ITEMS.get(id)?.length ?? 0)
    ? item
    : undefined;
};

/** Rules between the sizes, and for the identity of the disk. */
function sizeDefects(items: LoadedItems): VhdxDefect[] {
  const found: VhdxDefect[] = [];
  const [size, logical, physical, id] = [
    whole(items, ITEM_VIRTUAL_SIZE),
    whole(items, ITEM_LOGICAL_SECTOR_SIZE),
    whole(items, ITEM_PHYSICAL_SECTOR_SIZE),
    whole(items, ITEM_DISK_ID),
  ];
  const sector = logical && readField(LOGICAL_SECTOR.LogicalSectorSize, logical.bytes);
  const bytes = size && readField(VIRTUAL_SIZE.VirtualDiskSize, size.bytes);
  if ((sector === 512 || sector === 4096) && bytes !== undefined && bytes % BigInt(sector) !== 0n) {
    found.push({
      code: 'vhdx.metadata.sizeSectors',
      error: 'vhdx.metadata.value',
      structure: 'the metadata item “Virtual disk size”',
      field: 'VirtualDiskSize',
      offset: size?.at ?? 0,
      found: String(bytes),
      expected: `a multiple of the sector size ${sector}`,
      section: 'MS-VHDX 2.6.2.2',
      data: { item: ITEM_VIRTUAL_SIZE },
    });
  }
  const large = physical && readField(PHYSICAL_SECTOR.PhysicalSectorSize, physical.bytes);
  if (sector === 4096 && large === 512) {
    found.push({
      code: 'vhdx.metadata.sectorOrder',
      severity: 'warning',
      structure: 'the metadata item “Physical sector size”',
      field: 'PhysicalSectorSize',
      offset: physical?.at ?? 0,
      found: large,
      expected: `at least the logical sector size ${sector}`,
      section: 'MS-VHDX 2.6.2.5',
    });
  }
  if (id !== undefined && readField(DISK_ID.VirtualDiskId, id.bytes) === NIL_GUID) {
    found.push({
      code: 'vhdx.metadata.diskId',
      severity: 'warning',
      structure: 'the metadata item “Virtual disk id”',
      field: 'VirtualDiskId',
      offset: id.at,
      found: NIL_GUID,
      expected: 'an identity of its own',
      section: 'MS-VHDX 2.6.2.3',
    });
  }
  return found;
}

/** The locator is there if, and only if, the parameters name a parent. */
function parentDefects(items: LoadedItems): VhdxDefect[] {
  const parameters = whole(items, ITEM_FILE_PARAMETERS);
  if (parameters === undefined) return [];
  const flags = readField(FILE_PARAMETERS.Flags, parameters.bytes);
  const locator = items.get(ITEM_PARENT_LOCATOR);
  const about = {
    structure: 'the metadata item “File parameters”',
    field: 'Flags',
    offset: parameters.at + FILE_PARAMETERS.Flags.offset,
    section: 'MS-VHDX 2.6.2.1',
  } as const;
  const found: VhdxDefect[] = [];
  if ((flags & 3) === 3) {
    found.push({
      ...about,
      code: 'vhdx.metadata.fixedChild',
      severity: 'warning',
      found: 'LeaveBlocksAllocated and HasParent',
      expected: 'one of them at most',
    });
  }
  if ((flags & 2) === 0) {
    if (locator === undefined) return found;
    const text = 'the file has a parent locator, but its parameters name no parent; it is ignored';
    found.push({
      ...about,
      code: 'vhdx.locator.stray',
      severity: 'warning',
      found: 'no HasParent',
      expected: 'HasParent, or no parent locator',
      text,
    });
    return found;
  }
  if (locator !== undefined) return [...found, ...parentLocatorDefects(locator.bytes, locator.at)];
  found.push({
    ...about,
    code: 'vhdx.locator.missing',
    error: 'vhdx.metadata.missing',
    found: 'HasParent',
    expected: 'a parent locator',
    text: 'the file parameters name a parent, but the parent locator is missing',
    data: { item: ITEM_PARENT_LOCATOR },
  });
  return found;
}
