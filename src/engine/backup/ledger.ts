import type { Guid } from '../base/guid.ts';
import type { Consistency, HostCheckpoint, HostReferencePoint } from './host.ts';
import { recordError } from './record-errors.ts';

/**
 * What is ours on the host, for one VM: the record that decides what may be destroyed. Immutable;
 * each function answers a new one. Saved before a call that makes something (an intent), and after it.
 */
export interface Ledger {
  readonly version: 1;
  readonly vmId: Guid;
  readonly intents: readonly Intent[];
  readonly checkpoints: readonly OwnCheckpoint[];
  readonly referencePoints: readonly OwnReferencePoint[];
}

/** Written before the call: what was there already, and what was asked for. */
export interface Intent {
  readonly id: string;
  readonly kind: 'checkpoint' | 'referencePoint' | 'export';
  readonly time: string;
  readonly host: string;
  /** The point it is made for; null for points made by hand. */
  readonly pointId: string | null;
  /** Ids of what existed before, of the kind that is asked for. */
  readonly existing: readonly string[];
  readonly consistency: Consistency | null;
  /** The checkpoint that is converted or exported. */
  readonly checkpointId: string | null;
  /** The folder on the host that an export goes to. */
  readonly directory: string | null;
}

export interface OwnCheckpoint {
  readonly id: string;
  readonly host: string;
  readonly created: string;
  readonly pointId: string | null;
}

export interface OwnReferencePoint {
  readonly id: string;
  readonly host: string;
  readonly created: string;
  readonly pointId: string | null;
  /** `current` serves the next incremental; `replaced` waits to be destroyed; `destroyed` is history. */
  readonly state: 'current' | 'replaced' | 'destroyed';
  readonly changed: string;
}

/** How much history of destroyed reference points is kept. */
const MAX_DESTROYED = 100;

export function emptyLedger(vmId: Guid): Ledger {
  return { version: 1, vmId, intents: [], checkpoints: [], referencePoints: [] };
}

/** What recovery finds for an intent: exactly one new item that fits, none, or several (touch none). */
export type Claim<T> =
  | { readonly outcome: 'one'; readonly item: T }
  | { readonly outcome: 'none' }
  | { readonly outcome: 'several'; readonly items: readonly T[] };

/** Which backup checkpoint a `checkpoint` intent made, judging by what the host lists now. */
export function claimCheckpoint(
  ledger: Ledger,
  intent: Intent,
  now: readonly HostCheckpoint[],
): Claim<HostCheckpoint> {
  const known = idSet([...intent.existing, ...ledger.checkpoints.map((c) => c.id)]);
  return judge(now.filter((c) => c.type === 'backup' && !known.has(c.id.toLowerCase())));
}

/** Which reference point a `referencePoint` intent made. Points of another kind than RCT never fit. */
export function claimReferencePoint(
  ledger: Ledger,
  intent: Intent,
  now: readonly HostReferencePoint[],
): Claim<HostReferencePoint> {
  const known = idSet([...intent.existing, ...ledger.referencePoints.map((r) => r.id)]);
  return judge(now.filter((r) => r.type !== 'log' && !known.has(r.id.toLowerCase())));
}

/** Ids of the host's objects are names in WMI, which knows no case. */
export function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

const idSet = (ids: readonly string[]): ReadonlySet<string> =>
  new Set(ids.map((id) => id.toLowerCase()));

function judge<T>(fitting: readonly T[]): Claim<T> {
  const [item, ...more] = fitting;
  if (item === undefined) return { outcome: 'none' };
  return more.length === 0 ? { outcome: 'one', item } : { outcome: 'several', items: fitting };
}

export function withIntent(ledger: Ledger, intent: Intent): Ledger {
  if (ledger.intents.some((i) => i.id === intent.id)) {
    throw recordError('ledger.intent', `The ledger has an intent ${intent.id} already`);
  }
  return { ...ledger, intents: [...ledger.intents, intent] };
}

/** The intent came to nothing, or its result is recorded otherwise. */
export function withoutIntent(ledger: Ledger, intentId: string): Ledger {
  return { ...ledger, intents: ledger.intents.filter((i) => i.id !== intentId) };
}

/** The checkpoint is ours; the intent that made it, if any, is fulfilled. */
export function withCheckpoint(
  ledger: Ledger,
  checkpoint: OwnCheckpoint,
  intentId: string | null,
): Ledger {
  const others = ledger.checkpoints.filter((c) => c.id !== checkpoint.id);
  const next = { ...ledger, checkpoints: [...others, checkpoint] };
  return intentId === null ? next : withoutIntent(next, intentId);
}

/** The checkpoint is gone: converted, destroyed or merged away. */
export function withoutCheckpoint(ledger: Ledger, checkpointId: string): Ledger {
  return { ...ledger, checkpoints: ledger.checkpoints.filter((c) => c.id !== checkpointId) };
}

/** The reference point is ours; the intent that made it is fulfilled, the converted checkpoint is gone. */
export function withReferencePoint(
  ledger: Ledger,
  point: Omit<OwnReferencePoint, 'state' | 'changed'>,
  intentId: string | null,
): Ledger {
  const intent = ledger.intents.find((i) => i.id === intentId);
  const others = ledger.referencePoints.filter((r) => r.id !== point.id);
  const own: OwnReferencePoint = { ...point, state: 'current', changed: point.created };
  const next = { ...ledger, referencePoints: [...others, own] };
  if (intent === undefined) return next;
  const done = withoutIntent(next, intent.id);
  return intent.checkpointId === null ? done : withoutCheckpoint(done, intent.checkpointId);
}

/** The reference point is superseded: to be destroyed once its successor's point is committed. */
export function markReplaced(ledger: Ledger, referencePointId: string, time: string): Ledger {
  return withState(ledger, referencePointId, 'replaced', time);
}

/** The host has destroyed it. */
export function markDestroyed(ledger: Ledger, referencePointId: string, time: string): Ledger {
  const next = withState(ledger, referencePointId, 'destroyed', time);
  const destroyed = next.referencePoints.filter((r) => r.state === 'destroyed');
  const old = new Set(destroyed.slice(0, Math.max(0, destroyed.length - MAX_DESTROYED)));
  return { ...next, referencePoints: next.referencePoints.filter((r) => !old.has(r)) };
}

function withState(
  ledger: Ledger,
  id: string,
  state: OwnReferencePoint['state'],
  changed: string,
): Ledger {
  return {
    ...ledger,
    referencePoints: ledger.referencePoints.map((r) =>
      r.id === id ? { ...r, state, changed } : r,
    ),
  };
}

/** Whether this reference point may be destroyed without being asked for by name. */
export function ownsReferencePoint(ledger: Ledger, referencePointId: string): boolean {
  return ledger.referencePoints.some(
    (r) => sameId(r.id, referencePointId) && r.state !== 'destroyed',
  );
}

export function ownsCheckpoint(ledger: Ledger, checkpointId: string): boolean {
  return ledger.checkpoints.some((c) => sameId(c.id, checkpointId));
}
