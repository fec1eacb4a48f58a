import type { HostCheckpoint, HostReferencePoint } from '../host/host.ts';
import type { Intent, Ledger } from './ledger.ts';

/**
 * Decides which new object of a host is the result of an intent whose call was interrupted. An
 * object that could be another product's is never claimed, but reported and left alone.
 */
export type Claim<T> =
  | { readonly outcome: 'one'; readonly item: T }
  | { readonly outcome: 'none' }
  /** New objects whose owner is unclear. */
  | { readonly outcome: 'unclear'; readonly items: readonly T[] };

/**
 * Claims a checkpoint only if the host created it in this span around the time at which the call
 * was sent. The times come from two clocks; if they differ by more, nothing is claimed. That
 * CreationTime is set when the job begins is UNCONFIRMED.
 */
const BEFORE_MS = 2000;
const AFTER_MS = 10_000;

/** Returns the backup checkpoint that an interrupted call created, by its creation time. */
export function claimCheckpoint(
  ledger: Ledger,
  intent: Intent,
  now: readonly HostCheckpoint[],
): Claim<HostCheckpoint> {
  const fresh = newCheckpoints(ledger, intent, now);
  if (intent.asked === null) return { outcome: 'none' };
  const asked = Date.parse(intent.asked);
  const possible = fresh.filter(({ created }) => created === null || inSpan(created, asked));
  const [item, ...more] = possible;
  if (item === undefined) return { outcome: 'none' };
  if (more.length > 0 || item.created === null) return { outcome: 'unclear', items: possible };
  return { outcome: 'one', item };
}

/** Returns backup checkpoints that did not exist when the intent was written and are not ours. */
export function newCheckpoints(
  ledger: Ledger,
  intent: Intent,
  now: readonly HostCheckpoint[],
): readonly HostCheckpoint[] {
  const known = idSet([...intent.existing, ...ledger.checkpoints.map((c) => c.id)]);
  return now.filter((c) => c.type === 'backup' && !known.has(c.id.toLowerCase()));
}

/**
 * Returns the reference point that an interrupted conversion created. Reference points have no
 * creation time, so `converted` is required: the checkpoint was ours, no longer exists on the host,
 * and was not destroyed by us.
 */
export function claimReferencePoint(
  ledger: Ledger,
  intent: Intent,
  now: readonly HostReferencePoint[],
  converted: boolean,
): Claim<HostReferencePoint> {
  if (intent.asked === null) return { outcome: 'none' };
  const known = idSet([...intent.existing, ...ledger.referencePoints.map((r) => r.id)]);
  const fresh = now.filter((r) => r.type !== 'log' && !known.has(r.id.toLowerCase()));
  const [item, ...more] = fresh;
  if (item === undefined) return { outcome: 'none' };
  const ours = more.length === 0 && converted && covers(item, intent.disks);
  return ours ? { outcome: 'one', item } : { outcome: 'unclear', items: fresh };
}

function covers(point: HostReferencePoint, disks: readonly string[]): boolean {
  const covered = idSet(point.disks.map((disk) => disk.locationId));
  return disks.every((disk) => covered.has(disk.toLowerCase()));
}

function inSpan(created: string, asked: number): boolean {
  const time = Date.parse(created);
  return time >= asked - BEFORE_MS && time <= asked + AFTER_MS;
}

const idSet = (ids: readonly string[]): ReadonlySet<string> =>
  new Set(ids.map((id) => id.toLowerCase()));
