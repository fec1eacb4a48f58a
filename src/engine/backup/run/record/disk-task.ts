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

/** Everything that the backup of a disk needs. */
export interface DiskTask {
  readonly plan: DiskPlan;
  /** The disk in the checkpoint. */
  readonly frozen: HostDisk;
  /** Number of the disk in `vm show` now. */
  readonly number: number;
  /** Number of the slot in file names. */
  readonly fileNumber: number;
  readonly vmId: Guid;
  readonly pointId: string;
  /** Images of the parent, newest first; empty for a full. */
  readonly parents: readonly ChainLink[];
  readonly checkTracker: TrackerCheckMode;
  /** Opens the whole disk as it was at the checkpoint. */
  openWhole(signal: AbortSignal): Promise<OpenedDisk>;
  /** Opens the frozen file itself, also if the data comes from an export. */
  openFrozen(signal: AbortSignal): Promise<OpenedDisk>;
  /**
   * Source of an increment: an export of the changes, or the tracker's ranges. A full has neither.
   */
  readonly delta:
    | { readonly open: (signal: AbortSignal) => Promise<HostDiskSource> }
    | TrackedChanges
    | undefined;
}

export interface DiskResult {
  readonly record: DiskRecord;
  readonly warnings: readonly RunWarning[];
  /** Result of the tracker check; null if there was none. */
  readonly check: Awaited<ReturnType<typeof checkTracker>> | null;
}
