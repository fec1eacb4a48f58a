import type { Range } from '../../../base/range.ts';
import type { SectorRuns } from '../../virtual/sector-runs.ts';
import { SECTOR, SUBCLUSTERS, type Geometry } from '../structures/layout.ts';
import type { L2Tables } from './l2-tables.ts';

const ALL = 2 ** SUBCLUSTERS - 1;
/** Sectors in which touched parts are looked for at once. */
const STRIDE = 2 ** 23;

/**
 * Sets what the clusters of a differencing image hide of the parent: sectors that were written are
 * stored, those that were zeroed read as zeros, the others are left to the parent. Clusters of one
 * sector have standard entries.
 */
export function settleSubclusters(
  tables: L2Tables,
  g: Geometry,
  written: SectorRuns,
  zeroed: SectorRuns,
): void {
  const perCluster = g.clusterSize / SECTOR;
  const sectors = g.size / SECTOR;
  if (!g.extended) {
    for (const run of allRuns(zeroed, sectors)) {
      for (let at = run.start; at < run.end; at++) tables.zero(at);
    }
    return;
  }
  for (const cluster of touched([written, zeroed], sectors, perCluster)) {
    const first = cluster * perCluster;
    const end = Math.min(first + perCluster, sectors);
    const stored = bitsOf(written, first, end);
    // Its table may have been written already.
    if (stored === ALL) continue;
    const zero = bitsOf(zeroed, first, end);
    tables.setSubclusters(cluster, stored, zero);
  }
}

/** Yields each cluster with a sector in one of the sets; some twice. */
function* touched(
  sets: readonly SectorRuns[],
  sectors: number,
  perCluster: number,
): Generator<number> {
  for (const set of sets) {
    let next = 0;
    for (const { start, end } of allRuns(set, sectors)) {
      const first = Math.max(next, Math.floor(start / perCluster));
      next = Math.ceil(end / perCluster);
      for (let cluster = first; cluster < next; cluster++) yield cluster;
    }
  }
}

function* allRuns(set: SectorRuns, sectors: number): Generator<Range> {
  for (const chunk of set.chunks) {
    yield* set.runs(chunk * STRIDE, Math.min((chunk + 1) * STRIDE, sectors));
  }
}

/** Returns a bit per sector of the set, the first one lowest; at most 32. */
function bitsOf(set: SectorRuns, first: number, end: number): number {
  let bits = 0;
  for (const run of set.runs(first, Math.min(end, first + SUBCLUSTERS))) {
    for (let at = run.start - first; at < run.end - first; at++) bits += 2 ** at;
  }
  return bits;
}
