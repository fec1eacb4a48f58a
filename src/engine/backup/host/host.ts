/**
 * The interface that a backup needs from a host, declared here so that `backup` imports neither
 * `net` nor `hyperv`; `hosts` implements it. Paths are Windows paths in the host's spelling.
 */
import type { Checkpoint, Finding, Named, PathMapping } from '../../api/host.ts';
import type { Guid } from '../../base/guid.ts';
import type { CallWatch } from './call-watch.ts';
import type { RemoteFiles, RemoteSessions } from './host-files.ts';
import type { LocalDisks } from './local-disks.ts';
import type { RawChanges } from './raw-changes.ts';
import type { ShadowHost } from './shadow-host.ts';
import type { KeptRow, SystemHost } from './system-host.ts';

export type Consistency = 'application' | 'crash';

export interface HostDisk {
  /** Controller slot, stable over the VM's life: `scsi0:1`, `ide0:0`. */
  readonly slot: string;
  /** InstanceID of the storage setting, which identifies the location, not the file. */
  readonly locationId: string;
  readonly path: string;
  readonly format: 'vhdx' | 'vhd' | 'vhds' | 'physical' | 'other';
  readonly shared: boolean;
  /** From the image's own metadata; null if the host could not read it. */
  readonly virtualSize: number | null;
  readonly virtualDiskId: Guid | null;
  readonly parentPath: string | null;
  readonly logicalSectorSize: number | null;
  /** Members of the group that have the disk; absent if the subject is one VM. */
  readonly holders?: readonly VmIdentity[];
  /** The frozen state of a shared disk: a snapshot of its VHD Set. */
  readonly snapshotId?: string | null;
  /** Snapshots that the VHD Set has now; absent if they are not known. */
  readonly snapshotIds?: readonly string[];
}

export type HostCheckpoint = Checkpoint;

export interface HostReferencePoint {
  /** InstanceID, opaque, verbatim. */
  readonly id: string;
  readonly type: 'rct' | 'log' | 'unknown';
  readonly consistency: Consistency | 'unknown';
  /** locationId is the disk's location at creation; rctId may be '' if the host gave none. */
  readonly disks: readonly { readonly locationId: string; readonly rctId: string }[];
}

export interface HostVm {
  readonly id: Guid;
  readonly name: string;
  readonly state: 'running' | 'off' | 'saved' | 'paused' | 'other';
  readonly generation: number | null;
  /** Configuration version such as `9.0`. */
  readonly version: string;
  /** Operation in progress, such as merging or creating a checkpoint; null when idle. */
  readonly operation: string | null;
  readonly disks: readonly HostDisk[];
  readonly checkpoints: readonly HostCheckpoint[];
  readonly referencePoints: readonly HostReferencePoint[];
  /**
   * No merge is running, and no active disk uses a differencing file that belongs to no checkpoint.
   */
  readonly merged: boolean;
  readonly findings: readonly Finding[];
  /**
   * InstanceID of the checkpoint that the VM was last reverted to; null or undefined if there is no
   * such checkpoint or it is unknown.
   */
  readonly lastAppliedSnapshot?: string | null;
  /** Groups that the VM can be backed up with; only asked for if it has a shared disk. */
  readonly groups?: readonly Named[];
  /** The subject is a group of these VMs; absent if it is one VM. */
  readonly members?: readonly VmIdentity[];
  /** VMs of the host that have a VHD Set of the group and are not members, with the path of the disk. */
  readonly outsiders?: readonly { readonly vm: VmIdentity; readonly path: string }[];
  /**
   * The group has a shared VHDX, so that Hyper-V makes no checkpoint of it: its files can be read only while every VM
   * that has one of its disks is off. `running`: those that are not. Absent: the subject can be frozen.
   */
  readonly offline?: { readonly running: readonly VmIdentity[] };
  /** The settings as read over WMI, JSON-safe, kept with each point. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface HostCapabilities {
  readonly referencePoints: boolean;
  /** The snapshot settings class has GuestBackupType. */
  readonly guestBackupType: boolean;
}

export interface CheckpointRequest {
  readonly consistency: Consistency;
  readonly guestBackup: 'copy' | 'full';
  /** If absent, the host is asked and merging is switched on. */
  readonly known?: KnownFacts;
}

/** Facts about the host that the run already has. */
export interface KnownFacts {
  readonly capabilities: HostCapabilities;
  /** IDs of the VM's checkpoints, listed right before the call. */
  readonly checkpoints: readonly string[];
}

/** The disks that a checkpoint has frozen, and the VM since then. */
export interface FrozenDisks {
  /** The disks with the paths of the frozen files. */
  readonly frozen: readonly HostDisk[];
  /** The files that the VM writes to now, at the slots in the checkpoint. */
  readonly active: readonly ActiveDisk[];
  /** As in `HostVm`. */
  readonly lastAppliedSnapshot: string | null;
}

export type ActiveDisk = Pick<HostDisk, 'slot' | 'path'>;

export interface ExportRequest {
  readonly checkpointId: string;
  /** Folder on the host, which the host creates. */
  readonly directory: string;
  /** Reference point for a differential export; null for a full one. */
  readonly baseReferencePointId: string | null;
}

export interface ConfigurationFile {
  readonly name: string;
  readonly path: string;
}

/** Outcome of a job that was to create an object. `unknown`: the host no longer lists the job. */
export type JobOutcome =
  | { readonly state: 'running' | 'unknown' }
  /** IDs of the created objects of the requested kind; empty if the job failed. */
  | { readonly state: 'ended'; readonly made: readonly string[] };

/** Limits of a wait for merges. */
export interface MergeWait {
  /** Maximum wait in seconds; 0 checks once. */
  readonly seconds: number;
  /** Called from time to time with the unmerged files and the seconds waited. */
  readonly onWait?: (files: readonly string[], waited: number) => void;
}

/** A VM as a host names it. */
export interface VmIdentity {
  readonly id: Guid;
  readonly name: string;
}

export interface BackupHost {
  readonly url: string;
  /** Whether this computer is the host: only then are its paths paths of this computer. */
  isThisComputer(signal: AbortSignal): Promise<boolean>;
  /** Makes and lists shadow copies; undefined or absent if nothing does. */
  readonly shadows?: ShadowHost | undefined;
  /** Makes VMs on the host. */
  readonly systems: SystemHost;
  /**
   * Returns the name that the host reports for itself, from its own row of Msvm_ComputerSystem;
   * null if there is no such row.
   */
  computerName(signal: AbortSignal): Promise<string | null>;
  /** Returns the names of the nodes of the host's cluster; empty if it is not clustered. */
  clusterNodes(signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Returns the error that explains why the host no longer lists a VM: `host.vm.moved`, with the node
   * that owns the VM now if the cluster knows it; `host.rights` or `host.vmms` if the host lists
   * nothing. Undefined if the host still lists the VM.
   */
  lostVm(vmId: Guid, cause: Error, signal: AbortSignal): Promise<Error | undefined>;
  /** Returns the outcome of a job. @param job object path from `CallWatch.started`. */
  jobOutcome(
    job: string,
    kind: 'checkpoint' | 'referencePoint',
    signal: AbortSignal,
  ): Promise<JobOutcome>;
  capabilities(signal: AbortSignal): Promise<HostCapabilities>;
  /**
   * Returns ID and name of a VM by GUID, or by a name that exactly one VM has. Throws
   * `host.vm.notFound`, `host.vm.ambiguous`.
   */
  identifyVm(nameOrId: string, signal: AbortSignal): Promise<VmIdentity>;
  /** Returns the current facts about the VM that a plan needs. */
  findVm(nameOrId: string, signal: AbortSignal): Promise<HostVm>;
  listCheckpoints(vmId: Guid, signal: AbortSignal): Promise<readonly HostCheckpoint[]>;
  listReferencePoints(vmId: Guid, signal: AbortSignal): Promise<readonly HostReferencePoint[]>;
  /**
   * Creates a checkpoint and waits for its job. Throws `host.consistency` if application
   * consistency is not possible.
   */
  createBackupCheckpoint(
    vmId: Guid,
    request: CheckpointRequest,
    signal: AbortSignal,
    watch?: CallWatch,
  ): Promise<HostCheckpoint>;
  /**
   * Returns the disks that a checkpoint has frozen. Call it after the checkpoint: the VM may have
   * changed since the plan.
   */
  frozenDisks(vmId: Guid, checkpointId: string, signal: AbortSignal): Promise<FrozenDisks>;
  /**
   * Lists the checkpoint's configuration files on the host. This machine may not be able to read
   * them.
   */
  configurationFiles(
    checkpointId: string,
    signal: AbortSignal,
  ): Promise<readonly ConfigurationFile[]>;
  /** Returns the settings of a checkpoint's hardware. */
  hardware(checkpointId: string, signal: AbortSignal): Promise<readonly KeptRow[]>;
  /** Returns the boot sources and security settings of a VM of generation 2; empty for a group. */
  firmware(vmId: Guid, signal: AbortSignal): Promise<readonly KeptRow[]>;
  /** Returns the path of an image's parent; null for an image without a parent. */
  parentOfImage(path: string, signal: AbortSignal): Promise<string | null>;
  /**
   * Returns the host's files over the network. Contacts no host yet.
   * @param pathMap mappings to folders of file servers; others are ignored
   */
  remoteFiles(pathMap: readonly PathMapping[], sessions?: RemoteSessions): RemoteFiles;
  /** Returns the host's disks through the driver of this computer. Loads nothing yet. */
  localDisks(): LocalDisks;
  /**
   * Makes one GetVirtualDiskChanges call; the answer is unchecked. Throws `host.tracking` if the ID
   * or the tracking is invalid.
   * @param rctId of a VHD Set: the older snapshot
   * @param targetSnapshotId only of a VHD Set: the newer snapshot
   */
  queryChanges(
    path: string,
    rctId: string,
    offset: number,
    length: number,
    signal: AbortSignal,
    targetSnapshotId?: string,
  ): Promise<RawChanges>;
  exportCheckpoint(vmId: Guid, request: ExportRequest, signal: AbortSignal): Promise<void>;
  /**
   * Converts a checkpoint to a reference point. @param existing IDs of the VM's reference points,
   * listed right before; read from the host if absent.
   */
  convertToReferencePoint(
    vmId: Guid,
    checkpointId: string,
    signal: AbortSignal,
    watch?: CallWatch,
    existing?: readonly string[],
  ): Promise<HostReferencePoint>;
  destroyCheckpoint(checkpointId: string, signal: AbortSignal): Promise<void>;
  destroyReferencePoint(vmId: Guid, referencePointId: string, signal: AbortSignal): Promise<void>;
  /**
   * Switches the VM's merging on if an export of some product left it off. Ignores errors of the
   * host.
   */
  ensureMerging(vmId: Guid, signal: AbortSignal): Promise<void>;
  /**
   * Waits until the VM merges nothing and no disk uses a merge's AVHDX. Throws `host.merge.stuck`
   * after the limit.
   */
  waitForMerge(vmId: Guid, wait: MergeWait, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
