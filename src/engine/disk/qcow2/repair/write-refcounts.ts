import type { RepairStorage } from '../../image/image-repairs.ts';
import type { RefcountBlocks } from '../check/check-refcounts.ts';
import type { ClusterUse } from '../check/cluster-use.ts';
import type { Qcow2Header } from '../structures/header.ts';
import { refcountsPerBlock, writeRefcount } from '../structures/refcounts.ts';
import type { RepairSteps } from './repair-steps.ts';

/** Refcount that a cluster should have. */
export type Expected = (cluster: number) => number;

/**
 * Whether the refcount blocks can be written where they are: nothing else lies in their clusters or
 * in those of the table, and each refcount that is not 0 has a block.
 */
export function blocksUsable(
  { offsets, misplaced }: RefcountBlocks,
  { refcountTableOffset, refcountTableClusters, clusterBits, refcountOrder }: Qcow2Header,
  use: ClusterUse,
  expected: Expected,
): boolean {
  const clusterSize = 2 ** clusterBits;
  const alone = (offset: number): boolean => use.found(offset / clusterSize) === 1;
  if (misplaced || !offsets.every((offset) => offset === 0 || alone(offset))) return false;
  for (let i = 0; i < refcountTableClusters; i++) {
    if (!alone(refcountTableOffset + i * clusterSize)) return false;
  }
  const each = refcountsPerBlock(clusterSize, refcountOrder);
  for (let i = 0; i < use.clusters; i++) {
    if (expected(i) > 0 && (offsets[Math.floor(i / each)] ?? 0) === 0) return false;
  }
  return true;
}

/** Writes the refcounts that differ, and records them in `use`. */
export async function writeRefcounts(
  storage: RepairStorage,
  { clusterBits, refcountOrder }: Qcow2Header,
  { offsets }: RefcountBlocks,
  use: ClusterUse,
  expected: Expected,
  steps: RepairSteps,
  signal: AbortSignal,
): Promise<void> {
  const block = new Uint8Array(2 ** clusterBits);
  const each = refcountsPerBlock(block.length, refcountOrder);
  for (let first = 0; first < use.clusters; first += each) {
    const end = Math.min(first + each, use.clusters);
    const offset = offsets[first / each] ?? 0;
    let changed = false;
    for (let cluster = first; cluster < end; cluster++) {
      const count = expected(cluster);
      if (count === use.recorded(cluster)) continue;
      if (!changed) await storage.read(offset, block, signal);
      changed = true;
      writeRefcount(block, cluster - first, refcountOrder, count);
      noteCount(cluster, count, use, block.length, steps);
    }
    if (changed) await storage.write(offset, block, signal);
  }
}

/** Records the new refcount of a cluster, and the finding that it repairs. */
export function noteCount(
  cluster: number,
  count: number,
  use: ClusterUse,
  clusterSize: number,
  steps: RepairSteps,
): void {
  const before = use.recorded(cluster);
  if (before === count) return;
  steps.add(before > count ? 'qcow2.refcount.leaked' : 'qcow2.refcount.low', cluster * clusterSize);
  use.record(cluster, count);
}
