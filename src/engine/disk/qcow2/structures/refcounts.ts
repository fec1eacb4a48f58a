import { REFCOUNT_TABLE_ENTRY } from './layout.ts';

/**
 * Refcounts (Host cluster management): the refcount table, contiguous clusters of offsets of eight
 * bytes, points to refcount blocks of one cluster each, which hold counts of 2^refcount_order bits,
 * the lowest bits of a byte first.
 */
export const REFCOUNT_ORDER_V2 = 4;

/** Returns the number of counts in a refcount block. */
export const refcountsPerBlock = (clusterSize: number, order: number): number =>
  (clusterSize * 8) / 2 ** order;

/** Sizes of the tables that hold the refcounts of a file, in clusters. */
export interface RefcountTables {
  readonly blocks: number;
  readonly tableClusters: number;
  /** Clusters of the whole file. */
  readonly total: number;
}

/**
 * Returns the tables for a file of `used` clusters without them: the counts cover the tables too.
 */
export function refcountTables(used: number, clusterSize: number, order: number): RefcountTables {
  const perBlock = refcountsPerBlock(clusterSize, order);
  const perTable = clusterSize / REFCOUNT_TABLE_ENTRY;
  let total = used;
  for (;;) {
    const blocks = Math.ceil(total / perBlock);
    const tableClusters = Math.ceil(blocks / perTable);
    if (used + blocks + tableClusters === total) return { blocks, tableClusters, total };
    total = used + blocks + tableClusters;
  }
}

/** Returns the largest refcount of 2^order bits, at most 65,535: more are not counted exactly. */
export const maxRefcount = (order: number): number => (order >= 4 ? 0xffff : 2 ** (2 ** order) - 1);

/** Returns count `n` of a block of counts of 2^order bits; one above 2^53 is not exact. */
export function readRefcount(block: Uint8Array, n: number, order: number): number {
  if (order >= 3) {
    const bytes = 2 ** (order - 3);
    let value = 0;
    for (let i = 0; i < bytes; i++) value = value * 256 + (block[n * bytes + i] ?? 0);
    return value;
  }
  const bits = 2 ** order;
  const at = n * bits;
  return ((block[at >>> 3] ?? 0) >>> (at & 7)) & (2 ** bits - 1);
}

/** Writes count `n`, at most {@link maxRefcount}, of a block of counts of 2^order bits. */
export function writeRefcount(block: Uint8Array, n: number, order: number, value: number): void {
  if (order >= 3) {
    const bytes = 2 ** (order - 3);
    for (let i = bytes - 1, left = value; i >= 0; i--, left = Math.floor(left / 256)) {
      block[n * bytes + i] = left % 256;
    }
    return;
  }
  const bits = 2 ** order;
  const at = n * bits;
  const mask = (2 ** bits - 1) << (at & 7);
  block[at >>> 3] = ((block[at >>> 3] ?? 0) & ~mask) | (value << (at & 7));
}
