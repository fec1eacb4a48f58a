import type { Guid } from '../../base/guid.ts';
import type { OnHost } from './on-host.ts';

/** A disk of a VM whose file a restore replaces. Paths are those of the host. */
export interface OverDisk {
  readonly slot: string;
  /** InstanceID of the storage settings. */
  readonly locationId: string;
  /** File that the VM had before, which stays. */
  readonly old: string;
  /** Identity of that file as its format records it; null if the format has no identity or the file could not be read. */
  readonly identity: string | null;
  /** File that the restore writes. */
  readonly new: string;
  /** Whether the new file is a differencing image on the old one. */
  readonly differing: boolean;
}

/**
 * A restore over a VM, from before its first byte until it is accepted or undone.
 * `writing`: the disks are written, or the host is asked for them. `attached`: the VM has the new
 * disks, and can have the old ones back. `undoing`: it gets the old ones back. `accepting`: what the
 * undo needs is merged or removed.
 */
export interface OwnOver extends OnHost {
  readonly id: string;
  readonly time: string;
  /** VM and point that the disks come from. */
  readonly vmId: Guid;
  readonly pointId: string;
  readonly phase: 'writing' | 'attached' | 'undoing' | 'accepting';
  /** Time at which the host was asked to attach the new files; null: not asked yet, or refused. */
  readonly asked: string | null;
  /** Object path of the job that the host started; null if no answer came. */
  readonly job: string | null;
  readonly disks: readonly OverDisk[];
}

/** A reference point that no longer describes disks, because a restore replaced their files. */
export interface StaleReferencePoint {
  readonly id: string;
  /** Point that was restored, or whose restore was undone; '': the record of it was lost. */
  readonly pointId: string;
  readonly time: string;
  /** InstanceIDs of the disks' storage settings. */
  readonly locations: readonly string[];
}

/** A ledger, as far as this file knows it. */
interface HasOvers {
  readonly overs?: readonly OwnOver[];
  readonly stale?: readonly StaleReferencePoint[];
  readonly referencePoints: readonly { readonly id: string; readonly state: string }[];
}

/** Records a restore over the VM instead of its earlier state. */
export function withOver<Of extends HasOvers>(ledger: Of, own: OwnOver): Of {
  const others = (ledger.overs ?? []).filter(({ id }) => id !== own.id);
  return { ...ledger, overs: [...others, own] };
}

/** Removes a restore over the VM that is accepted, undone or of which nothing is left. */
export function withoutOver<Of extends HasOvers>(ledger: Of, overId: string): Of {
  const { overs = [], ...rest } = ledger;
  const others = overs.filter(({ id }) => id !== overId);
  return (others.length === 0 ? rest : { ...rest, overs: others }) as Of;
}

/**
 * Records that no reference point that is ours now describes the disks any more. Forgets what was
 * recorded of reference points that are destroyed.
 */
export function withStale<Of extends HasOvers>(ledger: Of, own: OwnOver): Of {
  const { pointId, time, disks } = own;
  const current = ledger.referencePoints.filter(({ state }) => state !== 'destroyed');
  const locations = disks.map(({ locationId }) => locationId);
  const { stale: kept = [] } = withoutStale(ledger, own);
  const stale = [
    ...kept.filter(({ id }) => current.some((each) => each.id === id)),
    ...current.map(({ id }) => ({ id, pointId, time, locations })),
  ];
  return stale.length === 0 ? ledger : { ...ledger, stale };
}

/** Forgets what {@link withStale} recorded: the host refused to attach the disks. */
export function withoutStale<Of extends HasOvers>(ledger: Of, { time }: OwnOver): Of {
  const { stale = [], ...rest } = ledger;
  const others = stale.filter((each) => each.time !== time);
  return (others.length === 0 ? rest : { ...rest, stale: others }) as Of;
}
