/**
 * What a backup needs from a host, declared here so that `backup` imports neither `net` nor `hyperv`;
 * `rpc` adapts hyperv to it. Paths are the host's own spelling (Windows paths) everywhere.
 */
import type { Finding } from '../../api/host.ts';
import type { Guid } from '../../base/guid.ts';
import type { StartLength } from '../../base/range.ts';

export type Consistency = 'application' | 'crash';

export interface HostDisk {
  /** Controller slot, stable over the VM's life: `scsi0:1`, `ide0:0`. */
  readonly slot: string;
  /** InstanceID of the storage setting: names the location, not the file. */
  readonly locationId: string;
  readonly path: string;
  readonly format: 'vhdx' | 'vhd' | 'vhds' | 'physical' | 'other';
  readonly shared: boolean;
  /** From the image's own metadata; null where the host could not say. */
  readonly virtualSize: number | null;
  readonly virtualDiskId: Guid | null;
  readonly parentPath: string | null;
  readonly logicalSectorSize: number | null;
}

export interface HostCheckpoint {
  /** The settings' InstanceID, verbatim. */
  readonly id: string;
  readonly name: string;
  readonly type: 'user' | 'backup';
  readonly created: string | null;
}

export interface HostReferencePoint {
  /** InstanceID, opaque, verbatim. */
  readonly id: string;
  readonly type: 'rct' | 'log' | 'unknown';
  readonly consistency: Consistency | 'unknown';
  /** locationId names the disk's place at creation; rctId may be '' where the host gave none. */
  readonly disks: readonly { readonly locationId: string; readonly rctId: string }[];
}

export interface HostVm {
  readonly id: Guid;
  readonly name: string;
  readonly state: 'running' | 'off' | 'saved' | 'paused' | 'other';
  readonly generation: number | null;
  /** Configuration version such as `9.0`. */
  readonly version: string;
  /** What runs on it now: merging, creating a checkpoint …; null when idle. */
  readonly operation: string | null;
  readonly disks: readonly HostDisk[];
  readonly checkpoints: readonly HostCheckpoint[];
  readonly referencePoints: readonly HostReferencePoint[];
  /** No merge runs, and no active disk is on a differencing file that no checkpoint explains. */
  readonly merged: boolean;
  readonly findings: readonly Finding[];
  /** The checkpoint that the VM was last reverted to (InstanceID); null or undefined if there is none or it is not known. */
  readonly lastAppliedSnapshot?: string | null;
  /** The settings as read over WMI, JSON-safe, kept with each point. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface HostCapabilities {
  readonly referencePoints: boolean;
  /** The snapshot settings class has GuestBackupType. */
  readonly guestBackupType: boolean;
}

/** One answer of the tracker, unjudged. */
export interface RawChanges {
  readonly processed: number;
  readonly ranges: readonly StartLength[];
}

export interface CheckpointRequest {
  readonly consistency: Consistency;
  readonly guestBackup: 'copy' | 'full';
  /** Absent: the host is asked, and merging is switched on. */
  readonly known?: KnownFacts;
}

/** Facts about the host that the run has asked for. */
export interface KnownFacts {
  readonly capabilities: HostCapabilities;
  /** Ids of the VM's checkpoints, listed right before the call. */
  readonly checkpoints: readonly string[];
}

/** The disks that a checkpoint has frozen, and the VM since then. */
export interface FrozenDisks {
  /** Their paths are those of the frozen files. */
  readonly frozen: readonly HostDisk[];
  /** The files that the VM writes to now, at the slots that the checkpoint holds. */
  readonly active: readonly ActiveDisk[];
  /** As in `HostVm`. */
  readonly lastAppliedSnapshot: string | null;
}

export type ActiveDisk = Pick<HostDisk, 'slot' | 'path'>;

export interface ExportRequest {
  readonly checkpointId: string;
  /** Folder on the host; made by the host. */
  readonly directory: string;
  /** Reference point for a differential export, null for a full one. */
  readonly baseReferencePointId: string | null;
}

export interface ConfigurationFile {
  readonly name: string;
  readonly path: string;
}

/**
 * Follows one call that makes something on the host. Each is awaited before the call goes on, so that the ledger knows how far
 * a call came that is interrupted.
 */
export interface CallWatch {
  /** The call is sent next, perhaps again. */
  asking(): Promise<void>;
  /** The host has started a job for it. @param job its object path. */
  started(job: string): Promise<void>;
  /** The host has answered that it does nothing. */
  refused(): Promise<void>;
}

/** What became of a job that was to make something. `unknown`: the host no longer lists the job. */
export type JobOutcome =
  | { readonly state: 'running' | 'unknown' }
  /** Ids of what it made, of the kind that was asked for; empty if it failed. */
  | { readonly state: 'ended'; readonly made: readonly string[] };

/** How long merges are waited for. */
export interface MergeWait {
  /** 0: looks once. */
  readonly seconds: number;
  /** Told now and then which files are not merged and how many seconds were waited. */
  readonly onWait?: (files: readonly string[], waited: number) => void;
}

export interface BackupHost {
  readonly url: string;
  /** Name that the host reports for itself, in its own row of Msvm_ComputerSystem; null if it shows none. */
  computerName(signal: AbortSignal): Promise<string | null>;
  /** @param job object path, as `CallWatch.started` was given it. */
  jobOutcome(
    job: string,
    kind: 'checkpoint' | 'referencePoint',
    signal: AbortSignal,
  ): Promise<JobOutcome>;
  capabilities(signal: AbortSignal): Promise<HostCapabilities>;
  /** Id of a VM by GUID, or by name where exactly one VM has it. `host.vm.notFound`, `host.vm.ambiguous`. */
  findVmId(nameOrId: string, signal: AbortSignal): Promise<Guid>;
  /** The same VM with everything that a plan needs, as it is now. */
  findVm(nameOrId: string, signal: AbortSignal): Promise<HostVm>;
  listCheckpoints(vmId: Guid, signal: AbortSignal): Promise<readonly HostCheckpoint[]>;
  listReferencePoints(vmId: Guid, signal: AbortSignal): Promise<readonly HostReferencePoint[]>;
  /** Waits for the job. `host.consistency` where application consistency cannot be had. */
  createBackupCheckpoint(
    vmId: Guid,
    request: CheckpointRequest,
    signal: AbortSignal,
    watch?: CallWatch,
  ): Promise<HostCheckpoint>;
  /** What a checkpoint has frozen. Asked once it is made: the VM may have changed since the plan. */
  frozenDisks(vmId: Guid, checkpointId: string, signal: AbortSignal): Promise<FrozenDisks>;
  /** Configuration files of the checkpoint on the host, which may or may not be readable from here. */
  configurationFiles(
    checkpointId: string,
    signal: AbortSignal,
  ): Promise<readonly ConfigurationFile[]>;
  /** One GetVirtualDiskChanges call, unjudged. `host.tracking` where the id or the tracking is invalid. */
  queryChanges(
    path: string,
    rctId: string,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<RawChanges>;
  exportCheckpoint(vmId: Guid, request: ExportRequest, signal: AbortSignal): Promise<void>;
  /** @param existing ids of the VM's reference points, listed right before; asked of the host if absent. */
  convertToReferencePoint(
    vmId: Guid,
    checkpointId: string,
    signal: AbortSignal,
    watch?: CallWatch,
    existing?: readonly string[],
  ): Promise<HostReferencePoint>;
  destroyCheckpoint(checkpointId: string, signal: AbortSignal): Promise<void>;
  destroyReferencePoint(referencePointId: string, signal: AbortSignal): Promise<void>;
  /** Switches the VM's merging on if an export of some product left it off. What the host says against it is not thrown. */
  ensureMerging(vmId: Guid, signal: AbortSignal): Promise<void>;
  /**
   * Returns when the VM merges nothing and no disk of it is left on a merge's AVHDX. Throws `host.merge.stuck` if that is
   * not so within the limit.
   */
  waitForMerge(vmId: Guid, wait: MergeWait, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
