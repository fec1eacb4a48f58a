import { NIL_GUID, type Guid } from '../../../base/guid.ts';
import type { Range } from '../../../base/range.ts';
import { ByteReader } from '../../../base/bytes/byte-reader.ts';
import { isEngineError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { isZero } from '../../virtual/zero-scan.ts';
import { chooseBlockSize } from '../structures/block-size.ts';
import { decodeHeader } from '../structures/header.ts';
import {
  DEFAULT_CREATOR,
  encodeImageHead,
  NEW_BAT_OFFSET,
  NEW_LOG_LENGTH,
  NEW_LOG_OFFSET,
  NEW_METADATA_LENGTH,
  NEW_METADATA_OFFSET,
  newMetadata,
  newRegions,
  type NewImage,
} from '../structures/image/image-head.ts';
import {
  HEADER_OFFSETS,
  HEADER_SIZE,
  ITEM_DISK_ID,
  ITEM_FILE_PARAMETERS,
  ITEM_LOGICAL_SECTOR_SIZE,
  ITEM_PARENT_LOCATOR,
  ITEM_PHYSICAL_SECTOR_SIZE,
  ITEM_VIRTUAL_SIZE,
  KIB,
  MAX_BLOCK_SIZE,
  METADATA_TABLE_SIZE,
  MIB,
  MIN_BLOCK_SIZE,
  REGION_TABLE_OFFSETS,
  REGION_TABLE_SIZE,
} from '../structures/layout.ts';
import {
  encodeMetadataRegion,
  metadataItems,
  type VhdxMetadata,
} from '../structures/metadata/metadata-items.ts';
import { chooseRegionTable } from '../structures/regions/region-table.ts';

/**
 * Expected properties of an image of our writer. Undefined properties are read from the image, if
 * the writer could have chosen them.
 */
export interface ExpectedImage extends Pick<NewImage, 'size' | 'parent'> {
  readonly logicalSectorSize: 512 | 4096;
  readonly dataWriteGuid: Guid;
  readonly physicalSectorSize: 512 | 4096 | undefined;
  readonly blockSize: number | undefined;
  readonly diskId: Guid | undefined;
}

/** The first byte of a structure that differs from the writer's output. */
export interface HeadDifference {
  /** `header 1`, `parent locator` … */
  readonly structure: string;
  /** File offset of that byte. */
  readonly offset: number;
  readonly found: number;
  readonly expected: number;
  /** Number of bytes of the structure that differ. */
  readonly bytes: number;
}

/**
 * Length of everything before the BAT: identifier, headers, region tables, log, metadata region.
 */
const LENGTH = NEW_BAT_OFFSET;

/**
 * Compares everything before the BAT with the output of `VhdxWriter` for such an image, byte for
 * byte: both copies of header and region table, the empty log, every item and flag of the metadata,
 * unused space. Returns at most one difference per structure. Throws `vhdx.write.argument` if such
 * an image cannot exist.
 */
export async function compareHead(
  source: ByteSource,
  expected: ExpectedImage,
  signal: AbortSignal,
): Promise<readonly HeadDifference[]> {
  const buffers = kept.pop() ?? {
    found: new Uint8Array(LENGTH),
    read: Array.from({ length: LENGTH / PIECE }, () => false),
    head: new Uint8Array(MIB),
  };
  const { found, read } = buffers;
  try {
    const dataAfter = source.holes?.();
    let data: Range | undefined = { start: 0, end: 0 };
    for (let at = 0; at < LENGTH; at += PIECE) {
      const piece = found.subarray(at, at + PIECE);
      if (dataAfter !== undefined && data !== undefined && data.end <= at) data = dataAfter(at);
      const hole = data === undefined || data.start >= at + PIECE;
      const there = hole ? 0 : Math.max(0, Math.min(piece.length, source.size - at));
      // Pieces that no read has touched are still zero.
      if (there > 0 || read[at / PIECE] === true) piece.fill(0, there);
      read[at / PIECE] = there > 0;
      if (there > 0) await source.read(at, piece.subarray(0, there), signal);
    }
    return compare(buffers, expected);
  } finally {
    if (kept.length < KEPT) kept.push(buffers);
  }
}

/** Read at once: a small read from the cache costs only its copy. */
const PIECE = 64 * KIB;
/** Reused buffers for heads: a store has thousands of images. */
interface HeadBuffers {
  readonly found: Uint8Array;
  /** Whether each piece of `found` was read; all others are zeros. */
  readonly read: boolean[];
  readonly head: Uint8Array<ArrayBuffer>;
}
const kept: HeadBuffers[] = [];
const KEPT = 2;

function compare(
  { found, read, head }: HeadBuffers,
  expected: ExpectedImage,
): readonly HeadDifference[] {
  const metadata = metadataOf(found, expected);
  const regions = newRegions(metadata);
  const guid = fileWriteGuidOf(found);
  encodeImageHead(DEFAULT_CREATOR, expected.dataWriteGuid, regions, guid, head);
  const region = encodeMetadataRegion(metadataItems(metadata));
  /** Returns a part of the writer's output; everything behind the parts is zero. */
  const written = (start: number, end: number): Uint8Array => {
    if (end <= head.length) return head.subarray(start, end);
    if (start < NEW_METADATA_OFFSET) return ZEROS.subarray(0, end - start);
    const bytes = new Uint8Array(end - start);
    bytes.set(region.subarray(start - NEW_METADATA_OFFSET, end - NEW_METADATA_OFFSET));
    return bytes;
  };
  const wasZero = (start: number, end: number): boolean => {
    for (let at = start; at < end;) {
      const next = Math.min(end, (Math.floor(at / PIECE) + 1) * PIECE);
      if (read[Math.floor(at / PIECE)] === true && !isZero(found.subarray(at, next))) return false;
      at = next;
    }
    return true;
  };
  return structures(metadata).flatMap(({ structure, start, end }) => {
    const inLog = start >= NEW_LOG_OFFSET && end <= NEW_METADATA_OFFSET;
    const zeros = inLog || start >= NEW_METADATA_OFFSET + region.length;
    const part = found.subarray(start, end);
    if (zeros && wasZero(start, end)) return [];
    return difference(structure, part, written(start, end), start);
  });
}

const ZEROS = new Uint8Array(NEW_LOG_LENGTH);

function difference(
  structure: string,
  found: Uint8Array,
  written: Uint8Array,
  start: number,
): HeadDifference[] {
  if (Buffer.compare(found, written) === 0) return [];
  let first = -1;
  let bytes = 0;
  for (let at = 0; at < found.length; at++) {
    if (found[at] === written[at]) continue;
    if (first < 0) first = at;
    bytes++;
  }
  const [is, was] = [found[first] ?? 0, written[first] ?? 0];
  return [{ structure, offset: start + first, found: is, expected: was, bytes }];
}

/**
 * Returns the metadata that the image must have. The writer's unrecorded choices are read from
 * their place in the image.
 */
function metadataOf(found: Uint8Array, expected: ExpectedImage): VhdxMetadata {
  const { logicalSectorSize, size } = expected;
  const fallback = chooseBlockSize(size, logicalSectorSize);
  const image = (blockSize: number, physicalSectorSize: 512 | 4096, diskId: Guid): VhdxMetadata =>
    newMetadata(
      {
        size,
        logicalSectorSize,
        physicalSectorSize,
        diskId,
        ...(expected.parent === undefined ? {} : { parent: expected.parent }),
      },
      blockSize,
    );
  const draft = image(fallback, 4096, NIL_GUID);
  const at = (id: Guid): ByteReader => {
    const item = itemPlaces(draft).find((each) => each.id === id);
    return new ByteReader(found.subarray(item?.start ?? 0, item?.end ?? 0), 'VHDX metadata item');
  };
  const physical = at(ITEM_PHYSICAL_SECTOR_SIZE).u32();
  const plausible = (physical === 512 || physical === 4096) && physical >= logicalSectorSize;
  return image(
    expected.blockSize ?? blockSizeOf(found, at(ITEM_FILE_PARAMETERS).u32(), draft),
    expected.physicalSectorSize ?? (plausible ? physical : 4096),
    expected.diskId ?? at(ITEM_DISK_ID).guid(),
  );
}

/**
 * Returns the block size in the image if it agrees with the length of the BAT, which a checksum
 * covers.
 */
function blockSizeOf(found: Uint8Array, stored: number, draft: VhdxMetadata): number {
  const sizes: number[] = [];
  for (let size = MIN_BLOCK_SIZE; size <= MAX_BLOCK_SIZE; size *= 2) sizes.push(size);
  const length = batLengthOf(found);
  const fitting = sizes.filter(
    (blockSize) =>
      length === undefined || newRegions({ ...draft, blockSize }).bat.length === length,
  );
  if (fitting.includes(stored)) return stored;
  return fitting.includes(draft.blockSize) ? draft.blockSize : (fitting[0] ?? draft.blockSize);
}

function batLengthOf(found: Uint8Array): number | undefined {
  try {
    const [a, b] = REGION_TABLE_OFFSETS.map((at) => found.subarray(at, at + REGION_TABLE_SIZE));
    return chooseRegionTable(a ?? found, b ?? found).bat.length;
  } catch (error) {
    if (isEngineError(error)) return undefined;
    throw error;
  }
}

/**
 * Returns the FileWriteGuid, which is random in each image; both headers hold it, each under a
 * checksum.
 */
function fileWriteGuidOf(found: Uint8Array): Guid {
  for (const offset of [...HEADER_OFFSETS].reverse()) {
    try {
      return decodeHeader(found.subarray(offset, offset + HEADER_SIZE), offset).fileWriteGuid;
    } catch (error) {
      if (!isEngineError(error)) throw error;
    }
  }
  return NIL_GUID;
}

interface Place {
  readonly structure: string;
  readonly start: number;
  readonly end: number;
}

const ITEM_NAMES: ReadonlyMap<Guid, string> = new Map([
  [ITEM_FILE_PARAMETERS, 'file parameters'],
  [ITEM_VIRTUAL_SIZE, 'virtual disk size'],
  [ITEM_LOGICAL_SECTOR_SIZE, 'logical sector size'],
  [ITEM_PHYSICAL_SECTOR_SIZE, 'physical sector size'],
  [ITEM_DISK_ID, 'virtual disk id'],
  [ITEM_PARENT_LOCATOR, 'parent locator'],
]);

function itemPlaces(metadata: VhdxMetadata): readonly (Place & { readonly id: Guid })[] {
  let start = NEW_METADATA_OFFSET + METADATA_TABLE_SIZE;
  return metadataItems(metadata).map(({ entry: { id }, bytes }) => {
    const place = { id, structure: ITEM_NAMES.get(id) ?? id, start, end: start + bytes.length };
    start = place.end;
    return place;
  });
}

/** Returns a name for every byte before the BAT. */
function structures(metadata: VhdxMetadata): readonly Place[] {
  const items = itemPlaces(metadata);
  const table = NEW_METADATA_OFFSET + METADATA_TABLE_SIZE;
  const [header1, header2] = HEADER_OFFSETS;
  const [table1, table2] = REGION_TABLE_OFFSETS;
  return [
    { structure: 'file identifier', start: 0, end: header1 },
    { structure: 'header 1', start: header1, end: header2 },
    { structure: 'header 2', start: header2, end: table1 },
    { structure: 'region table 1', start: table1, end: table2 },
    { structure: 'region table 2', start: table2, end: table2 + 64 * KIB },
    { structure: 'unused space of the head', start: table2 + 64 * KIB, end: MIB },
    { structure: 'log', start: NEW_LOG_OFFSET, end: NEW_LOG_OFFSET + NEW_LOG_LENGTH },
    { structure: 'metadata table', start: NEW_METADATA_OFFSET, end: table },
    ...items,
    {
      structure: 'unused space of the metadata',
      start: items.at(-1)?.end ?? table,
      end: NEW_METADATA_OFFSET + NEW_METADATA_LENGTH,
    },
  ];
}
