import { NIL_GUID, newGuid, type Guid } from '../../../../base/guid.ts';
import { encodeFileIdentifier } from '../file-identifier.ts';
import { encodeHeader, type VhdxHeader } from '../header.ts';
import {
  batRegionLength,
  HEADER_OFFSETS,
  MIB,
  REGION_BAT,
  REGION_METADATA,
  REGION_TABLE_OFFSETS,
} from '../layout.ts';
import { checkGeometry, type MetadataItem, type VhdxMetadata } from '../metadata/metadata-items.ts';
import { encodeRegionTable, type RegionTable } from '../regions/region-table.ts';
import { vhdxError } from '../vhdx-errors.ts';

/** Creator name in files made by the engine. */
export const DEFAULT_CREATOR = 'Refpoint';

export const NEW_LOG_OFFSET = MIB;
export const NEW_LOG_LENGTH = MIB;
export const NEW_METADATA_OFFSET = 2 * MIB;
export const NEW_METADATA_LENGTH = MIB;
export const NEW_BAT_OFFSET = 3 * MIB;

/** Properties of a new image. */
export interface NewImage {
  /** Size of the virtual disk in bytes, a multiple of the logical sector size. */
  readonly size: number;
  readonly blockSize?: number;
  readonly logicalSectorSize?: 512 | 4096;
  readonly physicalSectorSize?: 512 | 4096;
  /** Disk identity that guests see, equal along a chain; a new one if omitted. */
  readonly diskId?: Guid;
  readonly dataWriteGuid?: Guid;
  readonly creator?: string;
  /** If set, the image is a differencing one. */
  readonly parent?: NewImageParent;
  /** A fixed image: every block has its place in the file. Not together with `parent`. */
  readonly fixed?: boolean;
  /**
   * Marks zeroed blocks ZERO in an image without parent too. Images of a store leave them absent,
   * which their verification expects.
   */
  readonly marksZeros?: boolean;
  /** Items of other programs, stored behind those of the specification. */
  readonly userItems?: readonly MetadataItem[];
}

export interface NewImageParent {
  /** The parent's DataWriteGuid. */
  readonly linkage: Guid;
  /**
   * Path from the child's folder, with backslashes: `.\base.vhdx` or `..\point\base.vhdx`. Absent
   * for a parent on another drive; then `absolutePath` is required.
   */
  readonly relativePath?: string;
  /** A Windows path, if one is known: `D:\VMs\base.vhdx`. */
  readonly absolutePath?: string;
}

/**
 * Returns the metadata of a new image. Throws `vhdx.write.argument` if such an image cannot exist.
 */
export function newMetadata(image: NewImage, blockSize: number): VhdxMetadata {
  const logicalSectorSize = image.logicalSectorSize ?? 512;
  const metadata: VhdxMetadata = {
    blockSize,
    leaveBlocksAllocated: image.fixed === true,
    virtualSize: image.size,
    logicalSectorSize,
    physicalSectorSize: image.physicalSectorSize ?? 4096,
    diskId: image.diskId ?? newGuid(),
    ...(image.parent === undefined ? {} : { parent: image.parent }),
  };
  checkGeometry(metadata, 'vhdx.write.argument');
  checkParent(image);
  if (metadata.physicalSectorSize < logicalSectorSize) {
    throw vhdxError(
      'vhdx.write.argument',
      `physical sectors of ${metadata.physicalSectorSize} bytes are smaller than logical ones of ${logicalSectorSize}`,
      { data: { found: metadata.physicalSectorSize, expected: logicalSectorSize } },
    );
  }
  return metadata;
}

function checkParent({ parent, fixed }: NewImage): void {
  if (parent === undefined) return;
  if (fixed === true) {
    throw vhdxError('vhdx.write.argument', 'a fixed image cannot have a parent');
  }
  if (parent.relativePath === undefined && parent.absolutePath === undefined) {
    throw vhdxError('vhdx.write.argument', 'a parent locator needs at least one path');
  }
}

/**
 * Returns the regions of a new image: log at 1 MiB, metadata at 2 MiB, the BAT behind it (at 3 MiB
 * unless there are large items of other programs), then the blocks.
 * @param metadataLength in bytes, whole MiB
 */
export function newRegions(
  metadata: VhdxMetadata,
  metadataLength = NEW_METADATA_LENGTH,
): RegionTable {
  return {
    bat: {
      id: REGION_BAT,
      offset: NEW_METADATA_OFFSET + metadataLength,
      length: batRegionLength(metadata, metadata.parent !== undefined),
      required: true,
    },
    metadata: {
      id: REGION_METADATA,
      offset: NEW_METADATA_OFFSET,
      length: metadataLength,
      required: true,
    },
    others: [],
  };
}

/**
 * Encodes the first MiB of a new image: identifier, both headers with consecutive numbers, both
 * region tables.
 * @param into a MiB of zeros, or one that an earlier call filled
 */
export function encodeImageHead(
  creator: string,
  dataWriteGuid: Guid,
  regions: RegionTable,
  fileWriteGuid: Guid = newGuid(),
  into = new Uint8Array(MIB),
): Uint8Array<ArrayBuffer> {
  // Each structure has the same length and place in every image.
  const head = into;
  head.set(encodeFileIdentifier({ creator }));
  const header: VhdxHeader = {
    sequenceNumber: 1n,
    fileWriteGuid,
    dataWriteGuid,
    logGuid: NIL_GUID,
    logVersion: 0,
    version: 1,
    logLength: NEW_LOG_LENGTH,
    logOffset: NEW_LOG_OFFSET,
  };
  head.set(encodeHeader(header), HEADER_OFFSETS[0]);
  head.set(encodeHeader({ ...header, sequenceNumber: 2n }), HEADER_OFFSETS[1]);
  const table = regionTableOf(regions);
  for (const offset of REGION_TABLE_OFFSETS) head.set(table, offset);
  return head;
}

let lastTable: { readonly regions: string; readonly bytes: Uint8Array } | undefined;

/**
 * Returns the encoded table. Caches the last one: images of one disk have equal tables, and the
 * checksum covers 64 KiB.
 */
function regionTableOf(regions: RegionTable): Uint8Array {
  const key = JSON.stringify(regions);
  if (lastTable?.regions !== key) lastTable = { regions: key, bytes: encodeRegionTable(regions) };
  return lastTable.bytes;
}
