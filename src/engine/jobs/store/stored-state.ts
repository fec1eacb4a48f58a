import type { BackupOptions } from '../../api/backup.ts';
import type { JobState } from '../../api/jobs.ts';
import type { Edge } from '../../backup/context/edges.ts';

/** A backup as the store of its points tells of it, without secrets. */
export interface StoredJob {
  readonly version: 1;
  readonly id: string;
  readonly kind: 'backup';
  readonly vm: string;
  readonly options: BackupOptions;
}

/**
 * `<vm>/jobs/<id>/state.json` in a store: what other machines watch. Made of the state in the user's folder by the one process
 * that writes both. A state whose heartbeat stopped is interrupted.
 */
export interface StoredState {
  readonly version: 1;
  readonly job: StoredJob;
  readonly pid: number;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly edge: Edge | null;
  readonly started: string;
  readonly heartbeat: string;
  readonly point: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Returns the state of a job for its store; undefined if its kind has no mirror, or if it does not run yet. */
export function storedState(state: JobState, edge: Edge | null): StoredState | undefined {
  const { id, spec, pid, started, result, error } = state;
  if (spec.kind !== 'backup' || state.state === 'queued') return undefined;
  return {
    version: 1,
    job: { version: 1, id, kind: 'backup', vm: spec.vm, options: spec.options },
    pid,
    state: state.state,
    edge,
    started,
    heartbeat: new Date().toISOString(),
    point: result?.point ?? null,
    error,
  };
}
