import { NIL_GUID, type Guid } from '../../../../base/guid.ts';
import { encodeFields, readField, readFields } from '../../../inspect/fields.ts';
import {
  DISK_ID,
  FILE_PARAMETERS,
  isBlockSize,
  KNOWN_ITEMS,
  LOGICAL_SECTOR,
  PHYSICAL_SECTOR,
  VIRTUAL_SIZE,
} from './item-fields.ts';
import { itemDefects, itemListDefects, valueDefects, type LoadedItems } from './item-rules.ts';
import {
  ITEM_DISK_ID,
  ITEM_FILE_PARAMETERS,
  ITEM_LOGICAL_SECTOR_SIZE,
  ITEM_PARENT_LOCATOR,
  ITEM_PHYSICAL_SECTOR_SIZE,
  ITEM_VIRTUAL_SIZE,
  MAX_BLOCK_SIZE,
  MAX_VIRTUAL_SIZE,
  METADATA_TABLE_SIZE,
  MIB,
  MIN_BLOCK_SIZE,
} from '../layout.ts';
import type { MetadataEntry } from './metadata-entry.ts';
import { encodeMetadataTable } from './metadata-table.ts';
import {
  decodeParentLocator,
  encodeParentLocator,
  type ParentLocator,
} from '../locator/parent-locator.ts';
import { firstError, refuse, tooShort } from '../vhdx-defect.ts';
import { vhdxError } from '../vhdx-errors.ts';

/** The metadata items that a VHDX must have (MS-VHDX 2.6.2), decoded and checked. */
export interface VhdxMetadata {
  /** Size of a payload block in bytes: a power of two from 1 to 256 MiB. */
  readonly blockSize: number;
  /** Set in fixed images: blocks are never freed. */
  readonly leaveBlocksAllocated: boolean;
  /** Size in bytes; a multiple of the logical sector size, at most 64 TiB. */
  readonly virtualSize: number;
  readonly logicalSectorSize: 512 | 4096;
  readonly physicalSectorSize: 512 | 4096;
  /** Disk identity that a guest sees (SCSI page 83h), equal along a chain. */
  readonly diskId: Guid;
  /** Present only in differencing images. */
  readonly parent?: ParentLocator;
}

export type VhdxSubformat = 'fixed' | 'dynamic' | 'differencing';

export function subformat(metadata: VhdxMetadata): VhdxSubformat {
  if (metadata.parent !== undefined) return 'differencing';
  return metadata.leaveBlocksAllocated ? 'fixed' : 'dynamic';
}

/**
 * Returns the sector sizes for an image modelled on another one. A physical sector smaller than the
 * logical one, which no disk has and Windows refuses to create, is raised to it.
 */
export function sectorSizes({
  logicalSectorSize,
  physicalSectorSize,
}: Pick<VhdxMetadata, 'logicalSectorSize' | 'physicalSectorSize'>): {
  readonly logicalSectorSize: 512 | 4096;
  readonly physicalSectorSize: 512 | 4096;
} {
  const larger = logicalSectorSize > physicalSectorSize ? logicalSectorSize : physicalSectorSize;
  return { logicalSectorSize, physicalSectorSize: larger };
}

/**
 * Returns the table entries whose bytes {@link decodeMetadataItems} needs. Rejects files with an
 * unknown required item, a missing item, or the mark of an incomplete creation.
 */
export function itemsToRead(
  entries: readonly MetadataEntry[],
  regionOffset: number,
): readonly MetadataEntry[] {
  refuse(itemListDefects(entries, regionOffset));
  return entries.filter((e) => !e.isUser && KNOWN_ITEMS.has(e.id));
}

/**
 * Decodes the bytes of the items that {@link itemsToRead} named. Throws `vhdx.metadata.*`,
 * `vhdx.locator.*`.
 */
export function decodeMetadataItems(items: LoadedItems): VhdxMetadata {
  for (const [id, { always, length, section, name }] of KNOWN_ITEMS) {
    const bytes = items.get(id)?.bytes ?? new Uint8Array(0);
    const place = items.get(id)?.at ?? 0;
    if (always) refuse(tooShort(bytes, length, `the metadata item “${name}”`, place, section));
  }
  refuse(itemDefects(items));
  return { ...decodeGeometry(items), ...parentOf(items) };
}

/**
 * Decodes what says where blocks are, even if the parent locator is damaged: then the linkage is
 * nil. Undefined if the sizes are damaged.
 */
export function knownGeometry(items: LoadedItems): VhdxMetadata | undefined {
  const all = [...KNOWN_ITEMS].every(
    ([id, { always, length }]) => !always || (items.get(id)?.bytes.length ?? 0) >= length,
  );
  if (!all || firstError(valueDefects(items)) !== undefined) return undefined;
  const sound = firstError(itemDefects(items)) === undefined;
  const child = hasParent(items) ? { parent: { linkage: NIL_GUID } } : {};
  return { ...decodeGeometry(items), ...(sound ? parentOf(items) : child) };
}

function decodeGeometry(items: LoadedItems): Omit<VhdxMetadata, 'parent'> {
  const bytes = (id: Guid): Uint8Array => items.get(id)?.bytes ?? new Uint8Array(0);
  const { BlockSize, Flags } = readFields(FILE_PARAMETERS, bytes(ITEM_FILE_PARAMETERS));
  const sector = (value: number): 512 | 4096 => (value === 4096 ? 4096 : 512);
  return {
    blockSize: BlockSize,
    leaveBlocksAllocated: (Flags & 1) !== 0,
    virtualSize: Number(readField(VIRTUAL_SIZE.VirtualDiskSize, bytes(ITEM_VIRTUAL_SIZE))),
    logicalSectorSize: sector(
      readField(LOGICAL_SECTOR.LogicalSectorSize, bytes(ITEM_LOGICAL_SECTOR_SIZE)),
    ),
    physicalSectorSize: sector(
      readField(PHYSICAL_SECTOR.PhysicalSectorSize, bytes(ITEM_PHYSICAL_SECTOR_SIZE)),
    ),
    diskId: readField(DISK_ID.VirtualDiskId, bytes(ITEM_DISK_ID)),
  };
}

function hasParent(items: LoadedItems): boolean {
  const parameters = items.get(ITEM_FILE_PARAMETERS)?.bytes ?? new Uint8Array(0);
  return (readField(FILE_PARAMETERS.Flags, parameters) & 2) !== 0;
}

/** A locator without the HasParent bit is stale and ignored. */
function parentOf(items: LoadedItems): Pick<VhdxMetadata, 'parent'> {
  const locator = items.get(ITEM_PARENT_LOCATOR);
  if (locator === undefined || !hasParent(items)) return {};
  return { parent: decodeParentLocator(locator.bytes, locator.at) };
}

/** Throws `code` unless block, sector and disk sizes are valid for a VHDX. */
export function checkGeometry(
  g: Pick<VhdxMetadata, 'blockSize' | 'virtualSize' | 'logicalSectorSize'>,
  code: 'vhdx.write.argument',
): void {
  const { blockSize, virtualSize, logicalSectorSize } = g;
  if (!isBlockSize(blockSize)) {
    throw vhdxError(
      code,
      `the block size is ${blockSize}; it must be a power of two from ${MIN_BLOCK_SIZE} to ${MAX_BLOCK_SIZE}`,
      { data: { item: 'block size', found: blockSize } },
    );
  }
  if (virtualSize <= 0 || virtualSize > MAX_VIRTUAL_SIZE || virtualSize % logicalSectorSize !== 0) {
    throw vhdxError(
      code,
      `the disk size is ${virtualSize}; it must be a multiple of the sector size ${logicalSectorSize}, ` +
        `more than 0 and at most ${MAX_VIRTUAL_SIZE}`,
      { data: { item: 'virtual disk size', found: virtualSize, expected: MAX_VIRTUAL_SIZE } },
    );
  }
}

/** One item of a metadata region under construction. */
export interface MetadataItem {
  readonly entry: Omit<MetadataEntry, 'offset' | 'length'>;
  readonly bytes: Uint8Array;
}

/**
 * Returns the items of `metadata` with the flags of MS-VHDX 2.6.2. The locator comes last, so that
 * it has room to grow.
 */
export function metadataItems(metadata: VhdxMetadata): readonly MetadataItem[] {
  const bits = (metadata.leaveBlocksAllocated ? 1 : 0) | (metadata.parent === undefined ? 0 : 2);
  const { blockSize, virtualSize, logicalSectorSize, physicalSectorSize, diskId } = metadata;
  const parameters = encodeFields(FILE_PARAMETERS, { BlockSize: blockSize, Flags: bits });
  const size = encodeFields(VIRTUAL_SIZE, { VirtualDiskSize: BigInt(virtualSize) });
  const logical = encodeFields(LOGICAL_SECTOR, { LogicalSectorSize: logicalSectorSize });
  const physical = encodeFields(PHYSICAL_SECTOR, { PhysicalSectorSize: physicalSectorSize });
  const items = [
    item(ITEM_FILE_PARAMETERS, parameters),
    item(ITEM_VIRTUAL_SIZE, size),
    item(ITEM_LOGICAL_SECTOR_SIZE, logical),
    item(ITEM_PHYSICAL_SECTOR_SIZE, physical),
    item(ITEM_DISK_ID, encodeFields(DISK_ID, { VirtualDiskId: diskId })),
  ];
  if (metadata.parent !== undefined) {
    items.push(item(ITEM_PARENT_LOCATOR, encodeParentLocator(metadata.parent)));
  }
  return items;
}

function item(id: Guid, bytes: Uint8Array): MetadataItem {
  const isVirtualDisk = KNOWN_ITEMS.get(id)?.isVirtualDisk ?? false;
  return { entry: { id, isUser: false, isVirtualDisk, isRequired: true }, bytes };
}

/**
 * Encodes the table and the items behind it: the start of a metadata region. Throws
 * `vhdx.write.argument` if they do not fit `limit` bytes.
 */
export function encodeMetadataRegion(
  items: readonly MetadataItem[],
  limit = MIB,
): Uint8Array<ArrayBuffer> {
  const end = metadataEnd(items);
  if (end > limit) {
    throw vhdxError(
      'vhdx.write.argument',
      `the metadata needs ${end} bytes; its region has ${limit}`,
      { data: { found: end, expected: limit } },
    );
  }
  let at = METADATA_TABLE_SIZE;
  const region = new Uint8Array(end);
  const entries: MetadataEntry[] = [];
  for (const { entry, bytes } of items) {
    entries.push({ ...entry, offset: bytes.length === 0 ? 0 : at, length: bytes.length });
    region.set(bytes, at);
    at += bytes.length;
  }
  region.set(encodeMetadataTable(entries));
  return region;
}

/** Returns the length of a region that holds the items, in whole MiB. */
export const metadataRegionLength = (items: readonly MetadataItem[]): number =>
  Math.ceil(metadataEnd(items) / MIB) * MIB;

const metadataEnd = (items: readonly MetadataItem[]): number =>
  items.reduce((end, { bytes }) => end + bytes.length, METADATA_TABLE_SIZE);
