/**
 * The layout of a qcow2 file (qemu, docs/interop/qcow2.txt), a sequence of clusters of equal size:
 *
 *     cluster 0   header, header extensions, name of the backing file
 *     anywhere    L1 table (contiguous), L2 tables (one cluster each), refcount table (contiguous),
 *                 refcount blocks (one cluster each), snapshot table, bitmap directory, data clusters
 *
 * All integers are big-endian. An L1 entry points to an L2 table, an L2 entry to the cluster that
 * holds a cluster of the disk.
 */
export const MAGIC = 'QFI\u00fb';
export const HEADER_SIZE_V2 = 72;
export const HEADER_SIZE_V3 = 104;

/** Cluster sizes of 512 bytes (Header, cluster_bits) to 2 MiB (limit of qemu). */
export const MIN_CLUSTER_BITS = 9;
export const MAX_CLUSTER_BITS = 21;
/** Extended L2 entries need clusters of 16 KiB (Header, cluster_bits). */
export const MIN_EXTENDED_CLUSTER_BITS = 14;

/** Limits of qemu; the tables are bounded by them before memory is allocated. */
export const MAX_L1_BYTES = 32 * 2 ** 20;
export const MAX_REFCOUNT_TABLE_BYTES = 8 * 2 ** 20;
export const MAX_SNAPSHOTS = 65_536;
export const MAX_BITMAPS = 65_535;
export const MAX_DIRECTORY_BYTES = 64 * 2 ** 20;
/** Header, backing_file_size. */
export const MAX_BACKING_NAME = 1023;

export const SECTOR = 512;
export const SUBCLUSTERS = 32;
export const L1_ENTRY = 8;
export const REFCOUNT_TABLE_ENTRY = 8;

/** The values that determine where the entries and data of a cluster are. */
export interface Geometry {
  readonly version: number;
  /** Virtual size in bytes. */
  readonly size: number;
  readonly clusterBits: number;
  readonly clusterSize: number;
  /** Whether L2 entries have 16 bytes and describe subclusters. */
  readonly extended: boolean;
  /** Bytes of an L2 entry. */
  readonly entrySize: 8 | 16;
  /** Entries of an L2 table. */
  readonly entries: number;
  /** Bytes of the disk that an L2 table describes. */
  readonly tableSpan: number;
}

export function geometryOf(
  version: number,
  size: number,
  clusterBits: number,
  extended: boolean,
): Geometry {
  const clusterSize = 2 ** clusterBits;
  const entrySize = extended ? 16 : 8;
  const entries = clusterSize / entrySize;
  const tableSpan = entries * clusterSize;
  return { version, size, clusterBits, clusterSize, extended, entrySize, entries, tableSpan };
}

/** Returns the number of L1 entries that the virtual size needs. */
export const l1EntriesNeeded = (g: Geometry): number => Math.ceil(g.size / g.tableSpan);

/** Document and section of a rule. */
export const section = (name: string): string => `qcow2.txt, ${name}`;
