import { NIL_GUID, type Guid } from '../../base/guid.ts';
import { ByteReader } from '../../base/byte-reader.ts';
import { isEngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { chooseBlockSize } from './block-size.ts';
import { decodeHeader } from './header.ts';
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
} from './image-head.ts';
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
} from './layout.ts';
import { encodeMetadataRegion, metadataItems, type VhdxMetadata } from './metadata-items.ts';
import { chooseRegionTable } from './region-table.ts';

/** What an image of our writer must be. What is undefined is taken from the image, if the writer could have chosen it. */
export interface ExpectedImage extends Pick<NewImage, 'size' | 'parent'> {
  readonly logicalSectorSize: 512 | 4096;
  readonly dataWriteGuid: Guid;
  readonly physicalSectorSize: 512 | 4096 | undefined;
  readonly blockSize: number | undefined;
  readonly diskId: Guid | undefined;
}

/** The first byte of a structure that is not as the writer writes it. */
export interface HeadDifference {
  /** `header 1`, `parent locator` … */
  readonly structure: string;
  /** Of that byte in the file. */
  readonly offset: number;
  readonly found: number;
  readonly expected: number;
  /** Number of bytes of the structure that differ. */
  readonly bytes: number;
}

/** Everything before the BAT: identifier, headers, region tables, log, metadata region. */
const LENGTH = NEW_BAT_OFFSET;

/**
 * Compares all that lies before the BAT with what `VhdxWriter` writes for such an image, byte for byte: both copies of
 * header and region table, the empty log, every item and flag of the metadata, unused space. At most one difference for
 * each structure. Throws `vhdx.write.argument` if no such image can exist.
 */
export async function compareHead(
  source: ByteSource,
  expected: ExpectedImage,
  signal: AbortSignal,
): Promise<readonly HeadDifference[]> {
  const found = new Uint8Array(LENGTH);
  await source.read(0, found.subarray(0, Math.min(LENGTH, source.size)), signal);
  const metadata = metadataOf(found, expected);
  const written = new Uint8Array(LENGTH);
  written.set(
    encodeImageHead(
      DEFAULT_CREATOR,
      expected.dataWriteGuid,
      newRegions(metadata),
      fileWriteGuidOf(found),
    ),
  );
  written.set(encodeMetadataRegion(metadataItems(metadata)), NEW_METADATA_OFFSET);
  return structures(metadata).flatMap(({ structure, start, end }) =>
    difference(structure, found, written, start, end),
  );
}

function difference(
  structure: string,
  found: Uint8Array,
  written: Uint8Array,
  start: number,
  end: number,
): HeadDifference[] {
  if (Buffer.compare(found.subarray(start, end), written.subarray(start, end)) === 0) return [];
  let first = -1;
  let bytes = 0;
  for (let at = start; at < end; at++) {
    if (found[at] === written[at]) continue;
    if (first < 0) first = at;
    bytes++;
  }
  return [
    { structure, offset: first, found: found[first] ?? 0, expected: written[first] ?? 0, bytes },
  ];
}

/** The metadata that the image must have; the writer's choices that nobody recorded are read where the writer puts them. */
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

/** The block size in the image, if the length of the BAT, which a checksum covers, agrees with it. */
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

/** Random in each image; both headers carry it, each under a checksum. */
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

/** Names every byte before the BAT. */
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
