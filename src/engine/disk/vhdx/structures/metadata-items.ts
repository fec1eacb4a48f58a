import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import { ByteWriter } from '../../../base/bytes/byte-writer.ts';
import type { Guid } from '../../../base/guid.ts';
import {
  ITEM_DISK_ID,
  ITEM_FILE_PARAMETERS,
  ITEM_INCOMPLETE,
  ITEM_LOGICAL_SECTOR_SIZE,
  ITEM_PARENT_LOCATOR,
  ITEM_PHYSICAL_SECTOR_SIZE,
  ITEM_VIRTUAL_SIZE,
  MAX_BLOCK_SIZE,
  MAX_VIRTUAL_SIZE,
  METADATA_TABLE_SIZE,
  MIB,
  MIN_BLOCK_SIZE,
} from './layout.ts';
import { encodeMetadataTable, type MetadataEntry } from './metadata-table.ts';
import { decodeParentLocator, encodeParentLocator, type ParentLocator } from './parent-locator.ts';
import { vhdxError } from './vhdx-errors.ts';

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

const SYSTEM_ITEMS: ReadonlyMap<Guid, number> = new Map([
  [ITEM_FILE_PARAMETERS, 8],
  [ITEM_VIRTUAL_SIZE, 8],
  [ITEM_DISK_ID, 16],
  [ITEM_LOGICAL_SECTOR_SIZE, 4],
  [ITEM_PHYSICAL_SECTOR_SIZE, 4],
]);

/**
 * Returns the table entries whose bytes {@link decodeMetadataItems} needs. Rejects files with an
 * unknown required item, a missing item, or the mark of an incomplete creation.
 */
export function itemsToRead(
  entries: readonly MetadataEntry[],
  regionOffset: number,
): readonly MetadataEntry[] {
  const system = entries.filter((e) => !e.isUser);
  if (system.some((e) => e.id === ITEM_INCOMPLETE)) {
    throw vhdxError('vhdx.metadata.incomplete', 'the creation of the file was not completed', {
      data: { offset: regionOffset },
    });
  }
  const known = (id: Guid): boolean => SYSTEM_ITEMS.has(id) || id === ITEM_PARENT_LOCATOR;
  const unknown = entries.find((e) => e.isRequired && (e.isUser || !known(e.id)));
  if (unknown !== undefined) {
    throw vhdxError(
      'vhdx.metadata.unknown',
      `the file needs a reader that understands metadata item ${unknown.id}; this one does not`,
      { data: { offset: regionOffset, item: unknown.id } },
    );
  }
  for (const [id, length] of SYSTEM_ITEMS) {
    const entry = system.find((e) => e.id === id);
    if (entry === undefined || entry.length < length) {
      throw vhdxError(
        'vhdx.metadata.missing',
        `metadata item ${id} has ${entry?.length ?? 'no'} bytes; expected ${length}`,
        { data: { offset: regionOffset, item: id, found: entry?.length ?? 0, expected: length } },
      );
    }
  }
  return system.filter((e) => known(e.id));
}

/**
 * Decodes the bytes of the items that {@link itemsToRead} named. Throws `vhdx.metadata.*`,
 * `vhdx.locator.*`.
 */
export function decodeMetadataItems(items: ReadonlyMap<Guid, Uint8Array>): VhdxMetadata {
  const reader = (id: Guid, name: string): ByteReader =>
    new ByteReader(items.get(id) ?? new Uint8Array(0), `VHDX metadata item ${name}`);
  const parameters = reader(ITEM_FILE_PARAMETERS, 'file parameters');
  const blockSize = parameters.u32();
  const bits = parameters.u32();
  const hasParent = (bits & 2) !== 0;
  const locator = items.get(ITEM_PARENT_LOCATOR);
  if (hasParent && locator === undefined) {
    throw vhdxError(
      'vhdx.metadata.missing',
      'the file parameters name a parent, but the parent locator is missing',
      { data: { item: ITEM_PARENT_LOCATOR } },
    );
  }
  const metadata = {
    blockSize,
    leaveBlocksAllocated: (bits & 1) !== 0,
    virtualSize: reader(ITEM_VIRTUAL_SIZE, 'virtual disk size').u64('virtual disk size'),
    logicalSectorSize: sector(reader(ITEM_LOGICAL_SECTOR_SIZE, 'logical sector size').u32()),
    physicalSectorSize: sector(reader(ITEM_PHYSICAL_SECTOR_SIZE, 'physical sector size').u32()),
    diskId: reader(ITEM_DISK_ID, 'virtual disk id').guid(),
    // A locator without the HasParent bit is stale and ignored.
    ...(hasParent && locator !== undefined ? { parent: decodeParentLocator(locator) } : {}),
  };
  checkGeometry(metadata, 'vhdx.metadata.value');
  return metadata;
}

/** Throws `code` unless block, sector and disk sizes are valid for a VHDX. */
export function checkGeometry(
  g: Pick<VhdxMetadata, 'blockSize' | 'virtualSize' | 'logicalSectorSize'>,
  code: 'vhdx.metadata.value' | 'vhdx.write.argument',
): void {
  const { blockSize, virtualSize, logicalSectorSize } = g;
  const power = Number.isInteger(Math.log2(blockSize));
  if (blockSize < MIN_BLOCK_SIZE || blockSize > MAX_BLOCK_SIZE || !power) {
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

function sector(value: number): 512 | 4096 {
  if (value === 512 || value === 4096) return value;
  throw vhdxError('vhdx.metadata.value', `a sector size is ${value}; expected 512 or 4096`, {
    data: { item: 'sector size', found: value },
  });
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
  const u32 = (value: number): Uint8Array => new ByteWriter(4).u32(value).bytes;
  const items = [
    item(ITEM_FILE_PARAMETERS, false, new ByteWriter(8).u32(metadata.blockSize).u32(bits).bytes),
    item(ITEM_VIRTUAL_SIZE, true, new ByteWriter(8).u64(metadata.virtualSize).bytes),
    item(ITEM_LOGICAL_SECTOR_SIZE, true, u32(metadata.logicalSectorSize)),
    item(ITEM_PHYSICAL_SECTOR_SIZE, true, u32(metadata.physicalSectorSize)),
    item(ITEM_DISK_ID, true, new ByteWriter(16).guid(metadata.diskId).bytes),
  ];
  if (metadata.parent !== undefined) {
    items.push(item(ITEM_PARENT_LOCATOR, false, encodeParentLocator(metadata.parent)));
  }
  return items;
}

function item(id: Guid, isVirtualDisk: boolean, bytes: Uint8Array): MetadataItem {
  return { entry: { id, isUser: false, isVirtualDisk, isRequired: true }, bytes };
}

/** Encodes the table and the items behind it: the start of a metadata region, at most 1 MiB. */
export function encodeMetadataRegion(items: readonly MetadataItem[]): Uint8Array<ArrayBuffer> {
  let end = METADATA_TABLE_SIZE;
  const entries: MetadataEntry[] = [];
  for (const { entry, bytes } of items) {
    entries.push({ ...entry, offset: bytes.length === 0 ? 0 : end, length: bytes.length });
    end += bytes.length;
  }
  if (end > MIB) {
    throw vhdxError(
      'vhdx.write.argument',
      `the metadata needs ${end} bytes; its region has ${MIB}`,
      {
        data: { found: end, expected: MIB },
      },
    );
  }
  const region = new Uint8Array(end);
  region.set(encodeMetadataTable(entries));
  items.forEach(({ bytes }, i) => region.set(bytes, entries[i]?.offset ?? 0));
  return region;
}
