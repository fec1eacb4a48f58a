import type { CompletePoint, PointEntry } from '../points/catalog.ts';
import { sameComputer } from './this-host.ts';

/** Method of points that depend on no reference point and leave those of others alone. */
export const VSS_METHOD = 'vss';

/**
 * Returns the newest complete point that was made on the current host, except those of shadow copies: a
 * later incremental continues from the point before them. Skips points of another
 * host, which has a VM of the same ID after a failover or a copy. Points without a computer name
 * are of version 1 and count as this host's.
 */
export function newestOf(
  points: readonly PointEntry[],
  computerName: string | null,
): CompletePoint | undefined {
  return points.findLast(
    (point): point is CompletePoint =>
      point.state === 'complete' &&
      point.manifest.method !== VSS_METHOD &&
      isOf(point, computerName),
  );
}

/** Whether a point was made on this host. True if one of the two names is unknown. */
function isOf({ manifest }: CompletePoint, computerName: string | null): boolean {
  const recorded = manifest.computerName;
  return recorded === null || computerName === null || sameComputer(recorded, computerName);
}
