import type { BackupOptions } from '../../api/backup.ts';
import type { Edge } from '../../backup/context/edges.ts';

/** A backup as a plain value: it can be kept, sent and run by any process that has host and store. No secret in it. */
export interface BackupJob {
  readonly version: 1;
  readonly id: string;
  readonly kind: 'backup';
  readonly vm: string;
  readonly options: BackupOptions;
}

/** `jobs/<id>/state.json`: what windows and workers watch. A state whose heartbeat stopped is interrupted. */
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
