import { markDestroyed, sameId } from '../ledger/ledger.ts';
import type { PointEntry } from '../points/catalog.ts';
import { newestOf } from '../ledger/points-of-host.ts';
import type { RecoveryRun } from './recovery-run.ts';

/**
 * Destroys our reference points on this host, except those of its newest committed point: they are
 * superseded, or belong to a run that was never committed. Points made by hand are left to their
 * owner.
 */
export async function recoverReferencePoints(
  run: RecoveryRun,
  points: readonly PointEntry[],
  signal: AbortSignal,
): Promise<void> {
  const needed = newestOf(points, run.computerName)?.manifest.referencePoint?.id ?? '';
  const own = run.ledger.referencePoints.filter(
    ({ id, state, pointId }) => state !== 'destroyed' && pointId !== null && !sameId(id, needed),
  );
  if (own.length === 0) return;
  const listed = await run.deps.host.listReferencePoints(run.vmId, signal);
  for (const point of own) {
    const { id } = point;
    const where = run.whereabouts(point);
    const here = where === 'here' || listed.some((each) => sameId(each.id, id));
    // A reference point of another host is neither destroyed nor recorded as destroyed.
    if (where === 'elsewhere' || !here) continue;
    const destroy = (): Promise<void> => run.deps.host.destroyReferencePoint(run.vmId, id, signal);
    const text = 'a reference point of ours that no point needs: destroyed';
    if (!(await run.remove('referencePoint', id, text, destroy, signal))) continue;
    const time = new Date(run.deps.now()).toISOString();
    await run.update((ledger) => markDestroyed(ledger, id, time), signal);
  }
}
