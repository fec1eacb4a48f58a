import type { CompletePoint, PointEntry } from '../points/catalog.ts';
import { sameComputer } from './this-host.ts';

/**
 * Returns the newest complete point that was made on the host at hand. Points of another host, which has a VM of the same id
 * after a failover or a copy, are passed over. Points without a computer name are of version 1 and count as this host's.
 */
export function newestOf(
  points: readonly PointEntry[],
  computerName: string | null,
): CompletePoint | undefined {
  return points.findLast(
    (point): point is CompletePoint => point.state === 'complete' && isOf(point, computerName),
  );
}

/** Whether a point was made on another host than the one at hand, as far as both names are known. */
function isOf({ manifest }: CompletePoint, computerName: string | null): boolean {
  const recorded = manifest.computerName;
  return recorded === null || computerName === null || sameComputer(recorded, computerName);
}
