import { SECTOR, type Geometry } from './layout.ts';

/**
 * An entry of an L2 table (Cluster mapping; Extended L2 Entries), eight or sixteen bytes:
 *
 *     bit 63      the cluster's refcount is exactly one
 *         62      compressed
 *     standard:   bits 9–55 offset in the file, 56–61 and 1–8 reserved, bit 0 reads as zeros
 *     compressed: x = 70 − cluster_bits; bits 0 to x − 1 offset of the data, x to 61 number of
 *                 further sectors of 512 bytes
 *     extended:   eight more bytes; bits 0–31 subcluster is allocated, 32–63 subcluster is zero
 */
export interface ClusterEntry {
  readonly kind: 'unallocated' | 'zero' | 'data' | 'compressed' | 'subclusters';
  /** Offset of the cluster, or of the compressed data; 0 without one. */
  readonly offset: number;
  /** Most bytes of the compressed data; 0 for other kinds. */
  readonly length: number;
  /** Bit 63. */
  readonly owned: boolean;
  /** Bits of subclusters, the first one lowest; only for `subclusters`. */
  readonly allocated: number;
  readonly zeroed: number;
  /** A reserved bit is set. */
  readonly reserved: boolean;
  /** Bit 0, which version 2 and extended entries do not have. */
  readonly zeroFlag: boolean;
}

const ALL = 0xffffffff;

/** Decodes the entry at byte `at` of a table. Checks nothing; `l2Defect` does that. */
export function decodeL2Entry(view: DataView, at: number, g: Geometry): ClusterEntry {
  const high = view.getUint32(at);
  const low = view.getUint32(at + 4);
  const owned = high >= 0x80000000;
  if ((high & 0x40000000) !== 0) {
    // Bits of the offset in the upper word, and of the sector count above them.
    const bits = 38 - g.clusterBits;
    const upper = high & 0x3fffffff;
    const offset = (upper % 2 ** bits) * 2 ** 32 + low;
    const sectors = Math.floor(upper / 2 ** bits) + 1;
    const length = sectors * SECTOR - (offset % SECTOR);
    const reserved = offset >= 2 ** 56;
    return { ...NOTHING, kind: 'compressed', offset, length, owned, reserved };
  }
  const offset = (high & 0x00ffffff) * 2 ** 32 + ((low & 0xfffffe00) >>> 0);
  const reserved = (high & 0x3f000000) !== 0 || (low & 0x1fe) !== 0;
  const zeroFlag = (low & 1) !== 0;
  if (g.extended) {
    const zeroed = view.getUint32(at + 8);
    const allocated = view.getUint32(at + 12);
    return { ...NOTHING, ...subclusters(offset, allocated, zeroed), owned, reserved, zeroFlag };
  }
  const kind = zeroFlag ? 'zero' : offset === 0 ? 'unallocated' : 'data';
  return { ...NOTHING, kind, offset, owned, reserved, zeroFlag };
}

/**
 * Writes a standard entry at byte `at`: a cluster of refcount one, or none (`offset` 0). In a table
 * without extended entries `zero` makes the cluster read as zeros.
 */
export function encodeL2Entry(view: DataView, at: number, offset: number, zero = false): void {
  const owned = offset === 0 ? 0 : 0x80000000;
  view.setUint32(at, owned + Math.floor(offset / 2 ** 32));
  view.setUint32(at + 4, (offset % 2 ** 32) + (zero ? 1 : 0));
}

/** Writes the bits of subclusters of an extended entry; `allocated` and `zeroed` are disjoint. */
export function encodeSubclusters(
  view: DataView,
  at: number,
  allocated: number,
  zeroed: number,
): void {
  view.setUint32(at + 8, zeroed);
  view.setUint32(at + 12, allocated);
}

function subclusters(
  offset: number,
  allocated: number,
  zeroed: number,
): Pick<ClusterEntry, 'kind' | 'offset' | 'allocated' | 'zeroed'> {
  const parts = { offset, allocated, zeroed };
  if (allocated === 0 && zeroed === 0) return { ...parts, kind: 'unallocated' };
  if (allocated === ALL && zeroed === 0) return { ...parts, kind: 'data' };
  if (allocated === 0 && zeroed === ALL) return { ...parts, kind: 'zero' };
  return { ...parts, kind: 'subclusters' };
}

const NOTHING: ClusterEntry = {
  kind: 'unallocated',
  offset: 0,
  length: 0,
  owned: false,
  allocated: 0,
  zeroed: 0,
  reserved: false,
  zeroFlag: false,
};
