import { headerField, type HeaderFieldName } from './header-fields.ts';
import { geometryOf, HEADER_SIZE_V2, HEADER_SIZE_V3, MAGIC, type Geometry } from './layout.ts';

/** Incompatible feature bits (Header, incompatible_features). */
export const DIRTY = 1n;
export const CORRUPT = 2n;
export const EXTERNAL_DATA = 4n;
export const COMPRESSION_TYPE = 8n;
export const EXTENDED_L2 = 16n;
/** Autoclear feature bits. */
export const BITMAPS = 1n;

/**
 * The header (Header), at offset 0: 72 bytes in version 2; at least 104 in version 3. Offsets are
 * as found: a number above 2^53 is not exact, and outside every file.
 */
export interface Qcow2Header {
  readonly version: number;
  readonly backingOffset: number;
  readonly backingLength: number;
  readonly clusterBits: number;
  /** Virtual size in bytes. */
  readonly size: number;
  readonly cryptMethod: number;
  readonly l1Size: number;
  readonly l1Offset: number;
  readonly refcountTableOffset: number;
  readonly refcountTableClusters: number;
  readonly snapshotCount: number;
  readonly snapshotsOffset: number;
  readonly incompatible: bigint;
  readonly compatible: bigint;
  readonly autoclear: bigint;
  readonly refcountOrder: number;
  readonly headerLength: number;
  /** 0: zlib, 1: zstd. */
  readonly compressionType: number;
}

/** Values of the fields that version 2 does not have. */
const VERSION_2 = {
  incompatible: 0n,
  compatible: 0n,
  autoclear: 0n,
  refcountOrder: 4,
  headerLength: HEADER_SIZE_V2,
  compressionType: 0,
} as const;

/**
 * Decodes the header without checking a value; `headerRules` does that. `bytes` must hold 72 bytes,
 * or 104 if the version is not 2.
 */
export function decodeHeader(bytes: Uint8Array): Qcow2Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (name: HeaderFieldName): number => view.getUint32(headerField(name).offset);
  const bits = (name: HeaderFieldName): bigint => view.getBigUint64(headerField(name).offset);
  const u64 = (name: HeaderFieldName): number => Number(bits(name));
  const version = u32('version');
  const common = {
    version,
    backingOffset: u64('backing_file_offset'),
    backingLength: u32('backing_file_size'),
    clusterBits: u32('cluster_bits'),
    size: u64('size'),
    cryptMethod: u32('crypt_method'),
    l1Size: u32('l1_size'),
    l1Offset: u64('l1_table_offset'),
    refcountTableOffset: u64('refcount_table_offset'),
    refcountTableClusters: u32('refcount_table_clusters'),
    snapshotCount: u32('nb_snapshots'),
    snapshotsOffset: u64('snapshots_offset'),
  };
  if (version < 3) return { ...common, ...VERSION_2 };
  const headerLength = u32('header_length');
  const typeAt = headerField('compression_type').offset;
  // A field behind the header's length is absent, and counts as 0.
  const hasType = headerLength > typeAt && bytes.length > typeAt;
  return {
    ...common,
    incompatible: bits('incompatible_features'),
    compatible: bits('compatible_features'),
    autoclear: bits('autoclear_features'),
    refcountOrder: u32('refcount_order'),
    headerLength,
    compressionType: hasType ? view.getUint8(typeAt) : 0,
  };
}

/** Encodes a header of version 3, of `header.headerLength` bytes. */
export function encodeHeader(header: Qcow2Header): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(header.headerLength);
  const view = new DataView(bytes.buffer);
  const values: Readonly<Record<HeaderFieldName, number | bigint>> = {
    magic: 0,
    version: header.version,
    backing_file_offset: header.backingOffset,
    backing_file_size: header.backingLength,
    cluster_bits: header.clusterBits,
    size: header.size,
    crypt_method: header.cryptMethod,
    l1_size: header.l1Size,
    l1_table_offset: header.l1Offset,
    refcount_table_offset: header.refcountTableOffset,
    refcount_table_clusters: header.refcountTableClusters,
    nb_snapshots: header.snapshotCount,
    snapshots_offset: header.snapshotsOffset,
    incompatible_features: header.incompatible,
    compatible_features: header.compatible,
    autoclear_features: header.autoclear,
    refcount_order: header.refcountOrder,
    header_length: header.headerLength,
    compression_type: header.compressionType,
  };
  for (const [name, value] of Object.entries(values)) {
    const { offset, size } = headerField(name as HeaderFieldName);
    if (offset + size > bytes.length) continue;
    if (size === 8) view.setBigUint64(offset, BigInt(value));
    else if (size === 4) view.setUint32(offset, Number(value));
    else view.setUint8(offset, Number(value));
  }
  bytes.set(Uint8Array.from(MAGIC, (char) => char.charCodeAt(0)));
  return bytes;
}

/** Returns the length of the fixed part of a header of this version. */
export const fixedHeaderLength = (version: number): number =>
  version < 3 ? HEADER_SIZE_V2 : HEADER_SIZE_V3;

/** Returns the geometry of a header whose rules hold. The size is that of whole sectors. */
export function geometry(header: Qcow2Header): Geometry {
  const { version, size, clusterBits, incompatible } = header;
  const extended = (incompatible & EXTENDED_L2) !== 0n;
  return geometryOf(version, Math.ceil(size / 512) * 512, clusterBits, extended);
}
