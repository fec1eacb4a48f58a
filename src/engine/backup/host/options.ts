import type { Consistency } from './host.ts';
import type { PathMapping } from './path-map.ts';

/** What a backup is asked to be: plain values, so that a job can be kept and sent. */
export interface BackupOptions {
  readonly kind: 'auto' | 'full' | 'incremental';
  readonly method: BackupMethodChoice;
  /** `default`: application where it can be had, else crash with a warning. */
  readonly consistency: Consistency | 'default';
  readonly guestBackup: 'copy' | 'full';
  readonly checkTracker: 'off' | 'sample' | 'full';
  /** Images in one chain at most; the next one is a full. */
  readonly maxChain: number;
  /** Seconds that merges of the host are waited for; 10 minutes if undefined. */
  readonly mergeWaitSeconds?: number;
  /** Disks of the VM that are copied at the same time; 2 if undefined. */
  readonly parallelDisks?: number;
  readonly pathMap: readonly PathMapping[];
  /** Folder on the host for exports. */
  readonly exportDirectory: string | null;
  /** Slots, numbers, file names or disk ids. */
  readonly excludeDisks: readonly string[];
}

export type BackupMethod = 'export' | 'file';
export type BackupMethodChoice = 'auto' | BackupMethod | 'smb' | 'virtdisk' | 'rsvd' | 'vss';

export const DEFAULT_MAX_CHAIN = 60;
/** Windows opens no deeper chain, nor do we. */
export const GREATEST_MAX_CHAIN = 256;

/** A day: longer, nobody looks. */
export const GREATEST_MERGE_WAIT_SECONDS = 86_400;

export const DEFAULT_PARALLEL_DISKS = 2;
/** As many as a VM has disks on one controller. */
export const GREATEST_PARALLEL_DISKS = 64;
