import type { Guid } from '../../../base/guid.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import type { TrackedChanges } from '../../changes/ask-changes.ts';
import type { RunWarning } from '../../context/run-context.ts';
import type { HostDisk } from '../../host/host.ts';
import type { DiskRecord } from '../../manifest/manifest.ts';
import type { DiskPlan } from '../../plan/plan-backup.ts';
import type { ChainLink } from '../../points/point-chain.ts';
import type { HostDiskSource } from '../../read/source/host-disk-source.ts';
import type { checkTracker, TrackerCheckMode } from '../../tracker/check-tracker.ts';

/** What a disk's backup is made from. */
export interface DiskTask {
  readonly plan: DiskPlan;
  /** The disk in the checkpoint. */
  readonly frozen: HostDisk;
  /** As `vm show` numbers the disk now. */
  readonly number: number;
  /** Number of the slot in file names. */
  readonly fileNumber: number;
  readonly vmId: Guid;
  readonly pointId: string;
  /** Images of the parent, newest first; empty for a full. */
  readonly parents: readonly ChainLink[];
  readonly checkTracker: TrackerCheckMode;
  /** Opens the whole disk as the checkpoint holds it. */
  openWhole(signal: AbortSignal): Promise<OpenedDisk>;
  /** Opens the frozen file itself, also if the data comes from an export. */
  openFrozen(signal: AbortSignal): Promise<OpenedDisk>;
  /** What an increment reads: an export of just that, or what the tracker named. A full has neither. */
  readonly delta:
    | { readonly open: (signal: AbortSignal) => Promise<HostDiskSource> }
    | TrackedChanges
    | undefined;
}

export interface DiskResult {
  readonly record: DiskRecord;
  readonly warnings: readonly RunWarning[];
  /** What the check of the tracker came to; null if there was none. */
  readonly check: Awaited<ReturnType<typeof checkTracker>> | null;
}
