import type { Consistency } from './host.ts';
import type { PathMapping } from './path-map.ts';

/** Options of a backup: plain values, so that a job can be stored and sent. */
export interface BackupOptions {
  readonly kind: 'auto' | 'full' | 'incremental';
  readonly method: BackupMethodChoice;
  /** `default`: application-consistent if possible, otherwise crash-consistent with a warning. */
  readonly consistency: Consistency | 'default';
  readonly guestBackup: 'copy' | 'full';
  readonly checkTracker: 'off' | 'sample' | 'full';
  /** Maximum number of images in one chain; the next backup is a full. */
  readonly maxChain: number;
  /** Time limit for merges on the host, in seconds; 10 minutes if undefined. */
  readonly mergeWaitSeconds?: number;
  /** Number of disks of the VM that are copied at the same time; 2 if undefined. */
  readonly parallelDisks?: number;
  readonly pathMap: readonly PathMapping[];
  /** Folder on the host for exports. */
  readonly exportDirectory: string | null;
  /** Slots, numbers, file names or disk IDs. */
  readonly excludeDisks: readonly string[];
}

export type BackupMethod = 'export' | 'file';
export type BackupMethodChoice = 'auto' | BackupMethod | 'smb' | 'virtdisk' | 'rsvd' | 'vss';

export const DEFAULT_MAX_CHAIN = 60;
/** Windows does not open longer chains, nor does this program. */
export const GREATEST_MAX_CHAIN = 256;

/** One day; longer waits are not useful. */
export const GREATEST_MERGE_WAIT_SECONDS = 86_400;

export const DEFAULT_PARALLEL_DISKS = 2;
/** Number of disks that a VM can have on one controller. */
export const GREATEST_PARALLEL_DISKS = 64;
