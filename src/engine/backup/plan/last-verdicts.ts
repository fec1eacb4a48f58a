import type { Guid } from '../../base/guid.ts';
import { VSS_METHOD } from '../ledger/points-of-host.ts';
import type { PointEntry } from '../points/catalog.ts';
import { pointChain } from '../points/point-chain.ts';
import type { Store } from '../store/contract/store.ts';
import { lastVerdict, type LastVerdict } from '../verify/verdict.ts';

/**
 * Reads the last verification of the points that an increment would depend on: the newest complete
 * point and its parents.
 */
export async function lastVerdicts(
  store: Store,
  vmId: Guid,
  points: readonly PointEntry[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, LastVerdict>> {
  const verdicts = new Map<string, LastVerdict>();
  for (const id of neededPoints(points)) {
    const verdict = await lastVerdict(store, vmId, id, signal);
    if (verdict !== undefined) verdicts.set(id, verdict);
  }
  return verdicts;
}

function neededPoints(points: readonly PointEntry[]): readonly string[] {
  const newest = points.findLast(
    (point) => point.state === 'complete' && point.manifest.method !== VSS_METHOD,
  );
  if (newest === undefined) return [];
  try {
    return pointChain(points, newest.id).map(({ id }) => id);
  } catch {
    // A broken chain leads to a full anyway; another disk's chain may be intact.
    return points.filter(({ state }) => state === 'complete').map(({ id }) => id);
  }
}
