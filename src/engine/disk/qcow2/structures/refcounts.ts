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
