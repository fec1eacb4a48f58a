import type { Guid } from '../../base/guid.ts';
import type { Consistency } from '../host/host.ts';
import { recordError } from '../errors/record-errors.ts';
import type { OnHost } from './on-host.ts';
import type { OwnImport, VmOrigin } from './own-imports.ts';
import type { OwnSet } from './own-sets.ts';
import type { OwnWriterRestore } from './own-writers.ts';
import type { OwnOver, StaleReferencePoint } from './own-overs.ts';

/** Version 2 adds computer names, jobs and kept checkpoints; its readers ignore unknown fields. */
export const LEDGER_VERSION = 2;

/**
 * Our objects on the host for one VM: the record that decides what may be destroyed. Immutable:
 * each function returns a new one. Saved before a call that creates an object (an intent), and
 * after it.
 */
export interface Ledger {
  readonly version: typeof LEDGER_VERSION;
  readonly vmId: Guid;
  readonly intents: readonly Intent[];
  readonly checkpoints: readonly OwnCheckpoint[];
  readonly referencePoints: readonly OwnReferencePoint[];
  /** Sessions at file servers that may still have files open; absent if the list is empty. */
  readonly sessions?: readonly OwnSession[];
  /** VMs that are being made out of points of this VM; absent if the list is empty. */
  readonly imports?: readonly OwnImport[];
  /** Restores over this VM that are not accepted yet; absent if the list is empty. */
  readonly overs?: readonly OwnOver[];
  /** Reference points that do not describe restored disks; absent if the list is empty. */
  readonly stale?: readonly StaleReferencePoint[];
  /** Shadow copy sets on the host; absent if the list is empty. */
  readonly sets?: readonly OwnSet[];
  /** Restores of this VM by the Hyper-V writer that are not finished; absent if the list is empty. */
  readonly writers?: readonly OwnWriterRestore[];
  /** The point from which this VM was made; absent if it was not made by Refpoint. */
  readonly origin?: VmOrigin;
}

/** A session at a file server. */
export interface OwnSession {
  readonly server: string;
  /** SessionId, in hexadecimal digits. */
  readonly id: string;
  readonly opened: string;
}

/** Written before the call: the existing objects and the requested one. */
export interface Intent extends OnHost {
  readonly id: string;
  readonly kind: 'checkpoint' | 'referencePoint' | 'export';
  readonly time: string;
  /** The point that the object is for; null for one made by hand. */
  readonly pointId: string | null;
  /** IDs of the existing objects of the requested kind. */
  readonly existing: readonly string[];
  readonly consistency: Consistency | null;
  /** The checkpoint that is converted or exported. */
  readonly checkpointId: string | null;
  /** The folder on the host for an export. */
  readonly directory: string | null;
  /**
   * Time at which the call was sent; null: not sent yet, or refused. Nothing is claimed for such an
   * intent.
   */
  readonly asked: string | null;
  /** Object path of the job that the host started for the call; null if no answer came. */
  readonly job: string | null;
  /** Locations of the disks that a new reference point must cover. */
  readonly disks: readonly string[];
}

export interface OwnCheckpoint extends OnHost {
  readonly id: string;
  readonly created: string;
  readonly pointId: string | null;
  /** Made by hand to stay: removed only by name, never by recovery. */
  readonly kept: boolean;
}

export interface OwnReferencePoint extends OnHost {
  readonly id: string;
  readonly created: string;
  readonly pointId: string | null;
  /**
   * `current` is used by the next incremental; `replaced` could not be destroyed yet; `destroyed`
   * is history.
   */
  readonly state: 'current' | 'replaced' | 'destroyed';
  readonly changed: string;
}

/** Maximum number of destroyed reference points in the history. */
const MAX_DESTROYED = 100;

export function emptyLedger(vmId: Guid): Ledger {
  return { version: LEDGER_VERSION, vmId, intents: [], checkpoints: [], referencePoints: [] };
}

/** Records a session at a file server instead of the earlier one there. */
export function withSession(ledger: Ledger, session: OwnSession): Ledger {
  return withSessions(ledger, [...otherSessions(ledger, session.server), session]);
}

/** Removes the session at a file server. */
export const withoutSession = (ledger: Ledger, server: string): Ledger =>
  withSessions(ledger, otherSessions(ledger, server));

/** Returns the session at a file server; undefined if none is recorded. */
export const sessionAt = ({ sessions = [] }: Ledger, server: string): OwnSession | undefined =>
  sessions.find((each) => sameId(each.server, server));

const otherSessions = ({ sessions = [] }: Ledger, server: string): readonly OwnSession[] =>
  sessions.filter((each) => !sameId(each.server, server));

function withSessions(ledger: Ledger, sessions: readonly OwnSession[]): Ledger {
  const { sessions: _, ...rest } = ledger;
  return sessions.length === 0 ? rest : { ...rest, sessions };
}

/** Compares IDs of the host's objects without case, as WMI does. */
export function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export function withIntent(ledger: Ledger, intent: Intent): Ledger {
  if (ledger.intents.some((i) => i.id === intent.id)) {
    throw recordError('ledger.intent', `The ledger already has an intent ${intent.id}`);
  }
  return { ...ledger, intents: [...ledger.intents, intent] };
}

/** Removes an intent that created nothing, or whose result is recorded otherwise. */
export function withoutIntent(ledger: Ledger, intentId: string): Ledger {
  return { ...ledger, intents: ledger.intents.filter((i) => i.id !== intentId) };
}

/**
 * Records that the call of an intent is being sent; a job of an earlier attempt no longer counts.
 */
export function withAsked(ledger: Ledger, intentId: string, asked: string | null): Ledger {
  return changeIntent(ledger, intentId, { asked, job: null });
}

/** Records the job that the host has started for the call. */
export function withJob(ledger: Ledger, intentId: string, job: string): Ledger {
  return changeIntent(ledger, intentId, { job });
}

function changeIntent(
  ledger: Ledger,
  intentId: string,
  change: Partial<Pick<Intent, 'asked' | 'job'>>,
): Ledger {
  const intents = ledger.intents.map((each) =>
    each.id === intentId ? { ...each, ...change } : each,
  );
  return { ...ledger, intents };
}

/** Records a checkpoint as ours and removes the intent that created it, if any. */
export function withCheckpoint(
  ledger: Ledger,
  checkpoint: OwnCheckpoint,
  intentId: string | null,
): Ledger {
  const others = ledger.checkpoints.filter((c) => c.id !== checkpoint.id);
  const next = { ...ledger, checkpoints: [...others, checkpoint] };
  return intentId === null ? next : withoutIntent(next, intentId);
}

/** Removes a checkpoint that was converted, destroyed or merged. */
export function withoutCheckpoint(ledger: Ledger, checkpointId: string): Ledger {
  return { ...ledger, checkpoints: ledger.checkpoints.filter((c) => c.id !== checkpointId) };
}

/** Records a reference point as ours, and removes its intent and the converted checkpoint. */
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

/** Marks a reference point as replaced: it is destroyed once its successor's point is committed. */
export function markReplaced(ledger: Ledger, referencePointId: string, time: string): Ledger {
  return withState(ledger, referencePointId, 'replaced', time);
}

/** Records that the host has destroyed a reference point. */
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

/** Whether this reference point may be destroyed without a request that names it. */
export function ownsReferencePoint(ledger: Ledger, referencePointId: string): boolean {
  return ledger.referencePoints.some(
    (r) => sameId(r.id, referencePointId) && r.state !== 'destroyed',
  );
}

export function ownsCheckpoint(ledger: Ledger, checkpointId: string): boolean {
  return ledger.checkpoints.some((c) => sameId(c.id, checkpointId));
}
