import type { BackupOptions } from '../../api/backup.ts';
import type { Edge } from '../../backup/context/edges.ts';

/**
 * A backup as a plain value without secrets: it can be stored, sent, and run by any process with
 * access to host and store.
 */
export interface BackupJob {
  readonly version: 1;
  readonly id: string;
  readonly kind: 'backup';
  readonly vm: string;
  readonly options: BackupOptions;
}

/**
 * `jobs/<id>/state.json`, which windows and workers watch. A state whose heartbeat has stopped is
 * interrupted.
 */
export interface JobState {
  readonly version: 1;
  readonly job: BackupJob;
  readonly pid: number;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly edge: Edge | null;
  readonly started: string;
  readonly heartbeat: string;
  readonly point: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}
