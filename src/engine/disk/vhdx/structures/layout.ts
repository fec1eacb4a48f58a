import { SECTORS_PER_CHUNK } from '../../virtual/sector-runs.ts';
import { parseGuid } from '../../../base/guid.ts';

/**
 * The layout of a VHDX file (MS-VHDX 2.1):
 *
 *     0x00000  file type identifier, 64 KiB, never rewritten
 *     0x10000  header 1, 4 KiB          0x20000  header 2
 *     0x30000  region table 1, 64 KiB   0x40000  region table 2
 *     0x50000  reserved
 *     1 MiB    log, metadata region, BAT region, payload blocks, sector bitmap blocks: in any order,
 *              each start and length a multiple of 1 MiB, none overlapping
 *
 * All integers are little-endian.
 */
export const KIB = 1024;
export const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const TIB = 1024 * GIB;

export const HEADER_OFFSETS = [0x10000, 0x20000] as const;
export const HEADER_SIZE = 4 * KIB;
export const REGION_TABLE_OFFSETS = [0x30000, 0x40000] as const;
export const REGION_TABLE_SIZE = 64 * KIB;
export const METADATA_TABLE_SIZE = 64 * KIB;
/** Page size in which the log, the BAT and the bitmaps are changed. */
export const PAGE = 4 * KIB;
/** Offset of the first byte that a log entry may change: the region tables (MS-VHDX 2.3.2). */
export const FIRST_LOGGED_OFFSET = 0x30000;

/** MS-VHDX 2.6.2.2: 64 TiB. */
export const MAX_VIRTUAL_SIZE = 64 * TIB;
export const MIN_BLOCK_SIZE = 1 * MIB;
export const MAX_BLOCK_SIZE = 256 * MIB;

/** 2047 × 32 bytes and a header fill the 64 KiB of a table (MS-VHDX 2.2.3, 2.6.1). */
export const MAX_TABLE_ENTRIES = 2047;
export const MAX_METADATA_ITEM = 1 * MIB;
export const MAX_USER_ITEMS = 1024;

/**
 * Limits against hostile files, far above those of any writer (the BAT of 64 TiB in blocks of 1 MiB
 * is 513 MiB).
 */
export const MAX_METADATA_REGION = 128 * MIB;
export const MAX_BAT_REGION = 513 * MIB;
export const MAX_LOG_LENGTH = 1 * GIB;
export const MAX_LOG_ENTRY = 64 * MIB;
export const MAX_LOCATOR_KEYS = 256;

export const REGION_BAT = parseGuid('2dc27766-f623-4200-9d64-115e9bfd4a08');
export const REGION_METADATA = parseGuid('8b7ca206-4790-4b9a-b8fe-575f050f886e');

export const ITEM_FILE_PARAMETERS = parseGuid('caa16737-fa36-4d43-b3b6-33f0aa44e76b');
export const ITEM_VIRTUAL_SIZE = parseGuid('2fa54224-cd1b-4876-b211-5dbed83bf4b8');
export const ITEM_DISK_ID = parseGuid('beca12ab-b2e6-4523-93ef-c309e000c746');
export const ITEM_LOGICAL_SECTOR_SIZE = parseGuid('8141bf1d-a96f-4709-ba47-f233a8faab5f');
export const ITEM_PHYSICAL_SECTOR_SIZE = parseGuid('cda348c7-445d-4471-9cc9-e9885251c556');
export const ITEM_PARENT_LOCATOR = parseGuid('a8d35f2d-b30b-454d-abf7-d3d84834ab0c');
/**
 * Marks a file whose creation was not completed. Known from Microsoft's open source reader; not in
 * the specification.
 */
export const ITEM_INCOMPLETE = parseGuid('71cc85f0-1b69-4e28-9558-c3bf83ae75d3');

export const LOCATOR_TYPE_VHDX = parseGuid('b04aefb7-d19e-4a81-b789-25b8e9445913');

/** The values that determine where a block's data and entries are. */
export interface BlockGeometry {
  readonly virtualSize: number;
  readonly blockSize: number;
  readonly logicalSectorSize: number;
}

/**
 * Returns the number of payload blocks per sector bitmap block (MS-VHDX 2.5): 2^23 × sector size /
 * block size.
 */
export function chunkRatio(g: BlockGeometry): number {
  return (SECTORS_PER_CHUNK * g.logicalSectorSize) / g.blockSize;
}

export function payloadBlockCount(g: BlockGeometry): number {
  return Math.ceil(g.virtualSize / g.blockSize);
}

export function bitmapBlockCount(g: BlockGeometry): number {
  return Math.ceil(payloadBlockCount(g) / chunkRatio(g));
}

/**
 * Returns the BAT index of payload block `block`: one bitmap entry follows each chunk's payload
 * entries. This and the three functions below are all that knows the order of the entries.
 */
export const indexOfBlock = (ratio: number, block: number): number =>
  block + Math.floor(block / ratio);

/** Returns the BAT index of the sector bitmap block of chunk `chunk`. */
export const indexOfBitmap = (ratio: number, chunk: number): number =>
  (chunk + 1) * (ratio + 1) - 1;

/** Returns the chunk of a BAT index. The last entry of each chunk is its bitmap's. */
export const chunkOfIndex = (ratio: number, index: number): number =>
  Math.floor(index / (ratio + 1));

export const isBitmapIndex = (ratio: number, index: number): boolean =>
  index % (ratio + 1) === ratio;

/** Returns the first payload block whose BAT index is `index` or greater. */
export function blockAtOrAfter(ratio: number, index: number): number {
  const chunk = chunkOfIndex(ratio, index);
  return Math.min(index - chunk, (chunk + 1) * ratio);
}

export function batIndexOfPayload(g: BlockGeometry, block: number): number {
  return indexOfBlock(chunkRatio(g), block);
}

/** Returns the BAT index of the sector bitmap block of chunk `chunk`. */
export function batIndexOfBitmap(g: BlockGeometry, chunk: number): number {
  return indexOfBitmap(chunkRatio(g), chunk);
}

/**
 * Returns the number of entries that the BAT must hold: up to the last payload block, or the last
 * bitmap of a differencing disk.
 */
export function batEntryCount(g: BlockGeometry, hasParent: boolean): number {
  const blocks = payloadBlockCount(g);
  if (hasParent) return indexOfBitmap(chunkRatio(g), bitmapBlockCount(g) - 1) + 1;
  return blocks === 0 ? 0 : indexOfBlock(chunkRatio(g), blocks - 1) + 1;
}

/** Returns the length of the BAT region in the file: the entries, in whole MiB. */
export function batRegionLength(g: BlockGeometry, hasParent: boolean): number {
  return Math.max(MIB, Math.ceil((batEntryCount(g, hasParent) * 8) / MIB) * MIB);
}

/** Returns the number of bytes of a sector bitmap that describe one payload block. */
export function bitmapBytesPerBlock(g: BlockGeometry): number {
  return g.blockSize / g.logicalSectorSize / 8;
}
