import { alignUp } from '../../../base/range.ts';
import type { RepairStorage } from '../../image/image-repairs.ts';
import type { RefcountBlocks } from '../check/check-refcounts.ts';
import type { ClusterUse } from '../check/cluster-use.ts';
import { headerField } from '../structures/header-fields.ts';
import type { Qcow2Header } from '../structures/header.ts';
import { MAX_REFCOUNT_TABLE_BYTES, REFCOUNT_TABLE_ENTRY } from '../structures/layout.ts';
import {
  maxRefcount,
  refcountsPerBlock,
  refcountTables,
  writeRefcount,
} from '../structures/refcounts.ts';
import type { RepairSteps } from './repair-steps.ts';
import { noteCount } from './write-refcounts.ts';

/**
 * Writes all refcounts behind the end of the file, where no damaged table can lead, and names them
 * in the header. The clusters of the old tables become free.
 * @returns false if the file is too large for a refcount table, or a refcount for its bits
 */
export async function rebuildRefcounts(
  storage: RepairStorage,
  header: Qcow2Header,
  old: RefcountBlocks | undefined,
  use: ClusterUse,
  steps: RepairSteps,
  signal: AbortSignal,
): Promise<boolean> {
  const { clusterBits, refcountOrder: order } = header;
  const clusterSize = 2 ** clusterBits;
  const { blocks, tableClusters, total } = refcountTables(use.clusters, clusterSize, order);
  if (tableClusters * clusterSize > MAX_REFCOUNT_TABLE_BYTES) return false;
  const start = alignUp(storage.size, clusterSize);
  freeOld(header, old, use, clusterSize, steps);
  const most = maxRefcount(order);
  for (let i = 0; i < use.clusters; i++) if (use.found(i) > most) return false;
  const each = refcountsPerBlock(clusterSize, order);
  const block = new Uint8Array(clusterSize);
  const table = new Uint8Array(tableClusters * clusterSize);
  const view = new DataView(table.buffer);
  for (let i = 0; i < blocks; i++) {
    signal.throwIfAborted();
    block.fill(0);
    for (let n = 0; n < each && i * each + n < total; n++) {
      const cluster = i * each + n;
      const known = cluster < use.clusters;
      const count = known ? use.found(cluster) : 1;
      writeRefcount(block, n, order, count);
      if (known) noteCount(cluster, count, use, clusterSize, steps);
    }
    await storage.write(start + i * clusterSize, block, signal);
    view.setBigUint64(i * REFCOUNT_TABLE_ENTRY, BigInt(start + i * clusterSize));
  }
  const offset = start + blocks * clusterSize;
  for (let at = 0; at < table.length; at += clusterSize) {
    await storage.write(offset + at, table.subarray(at, at + clusterSize), signal);
  }
  const fields = new Uint8Array(12);
  new DataView(fields.buffer).setBigUint64(0, BigInt(offset));
  new DataView(fields.buffer).setUint32(8, tableClusters);
  await storage.write(headerField('refcount_table_offset').offset, fields, signal);
  return true;
}

/** Removes the references to the old tables, which then are free and not leaked. */
function freeOld(
  header: Qcow2Header,
  old: RefcountBlocks | undefined,
  use: ClusterUse,
  clusterSize: number,
  steps: RepairSteps,
): void {
  if (old === undefined) return;
  const places = [...old.offsets].filter((offset) => offset > 0);
  for (let i = 0; i < header.refcountTableClusters; i++) {
    places.push(header.refcountTableOffset + i * clusterSize);
  }
  for (const offset of places) {
    const cluster = offset / clusterSize;
    // Something else lies in the cluster of a table.
    if (use.found(cluster) > 1) steps.add('qcow2.refcount.low', offset);
    use.remove(offset, clusterSize);
    if (use.found(cluster) === 0) use.record(cluster, 0);
  }
}
