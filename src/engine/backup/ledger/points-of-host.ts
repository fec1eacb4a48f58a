import type { CompletePoint, PointEntry } from '../points/catalog.ts';
import { sameComputer } from './this-host.ts';

/**
 * Returns the newest complete point that was made on the current host. Skips points of another
 * host, which has a VM of the same ID after a failover or a copy. Points without a computer name
 * are of version 1 and count as this host's.
 */
export function newestOf(
  points: readonly PointEntry[],
  computerName: string | null,
): CompletePoint | undefined {
  return points.findLast(
    (point): point is CompletePoint => point.state === 'complete' && isOf(point, computerName),
  );
}

/** Whether a point was made on this host. True if one of the two names is unknown. */
function isOf({ manifest }: CompletePoint, computerName: string | null): boolean {
  const recorded = manifest.computerName;
  return recorded === null || computerName === null || sameComputer(recorded, computerName);
}
