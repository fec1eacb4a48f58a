import type { HostReferencePoint } from '../host/host.ts';
import { sameId, type Ledger, type OwnReferencePoint } from './ledger.ts';
import type { CompletePoint, PointEntry } from '../points/catalog.ts';
import { sameComputer } from './this-host.ts';

/** A rebuilt ledger and its new entries. */
export interface RebuiltLedger {
  readonly ledger: Ledger;
  readonly added: readonly OwnReferencePoint[];
  /**
   * Reference points that the host lists but no manifest names: another product's, or made by hand.
   */
  readonly unclaimed: readonly string[];
}

/**
 * Rebuilds a ledger from the manifests of a store and the reference points that the host lists
 * (pure). Claims only points that a manifest names. For other hosts, which cannot be asked here, it
 * claims the newest point, since a later run on that host continues it.
 * @param base the readable part of the ledger; empty if it is damaged.
 */
export function rebuildLedger(
  base: Ledger,
  points: readonly PointEntry[],
  listed: readonly HostReferencePoint[],
  host: { readonly url: string; readonly computerName: string | null },
  time: string,
): RebuiltLedger {
  const complete = points.filter((point): point is CompletePoint => point.state === 'complete');
  const isListed = (id: string): boolean => listed.some((each) => sameId(each.id, id));
  const newest = newestByHost(complete);
  const added: OwnReferencePoint[] = [];
  for (const { id: pointId, manifest } of complete) {
    const { referencePoint, computerName } = manifest;
    if (referencePoint === null) continue;
    const { id } = referencePoint;
    const known = base.referencePoints.some(
      (each) => sameId(each.id, id) && each.state !== 'destroyed',
    );
    if (known) continue;
    const here = isListed(id);
    const elsewhere =
      computerName === null ||
      host.computerName === null ||
      !sameComputer(computerName, host.computerName);
    const last = newest.get(keyOf(computerName)) === pointId;
    if (!here && !(elsewhere && last)) continue;
    added.push({
      id,
      host: here ? host.url : manifest.host,
      computerName: here ? host.computerName : computerName,
      created: manifest.created,
      pointId,
      state: last ? 'current' : 'replaced',
      changed: time,
    });
  }
  const gone = (each: OwnReferencePoint): boolean => !added.some(({ id }) => sameId(id, each.id));
  const referencePoints = [...base.referencePoints.filter(gone), ...added];
  const owned = referencePoints.filter(({ state }) => state !== 'destroyed');
  const unclaimed = listed
    .map(({ id }) => id)
    .filter((id) => !owned.some((each) => sameId(each.id, id)));
  return { ledger: { ...base, referencePoints }, added, unclaimed };
}

const keyOf = (computerName: string | null): string => computerName?.toLowerCase() ?? '';

/** Returns the ID of each host's newest point. */
function newestByHost(points: readonly CompletePoint[]): ReadonlyMap<string, string> {
  return new Map(points.map(({ id, manifest }) => [keyOf(manifest.computerName), id] as const));
}
