import type { Guid } from '../../base/guid.ts';
import type { LabDrive } from '../files/host-paths.ts';
import type { LabLanguage } from '../texts/languages.ts';

/**
 * The persistent state of a lab, in `lab-state.json`. Plain values only; derived data (rows of WMI
 * classes, job objects) is not stored. Host paths are Windows paths.
 */
export interface LabState {
  readonly format: 'refpoint-lab';
  readonly version: 1;
  machineName: string;
  /** Folder of the last start: a copy elsewhere is another host. */
  folder?: string;
  readonly hostVersion: HostVersion;
  readonly user: string;
  httpPort: number;
  httpsPort: number;
  /** Bytes of one unit of change tracking. */
  readonly rctGranularity: number;
  readonly vms: LabVm[];
  /** Language of the host's texts; en-US if undefined. */
  language?: LabLanguage;
  /** File server; undefined: it was never asked for. */
  smb?: LabSmb;
  /** Name of the failover cluster of which the host is a node; undefined: a stand-alone host. */
  cluster?: string;
  /** Collections of VMs; undefined: none was ever made. */
  groups?: LabGroup[];
  /** Shadow copies; undefined: none was ever made. */
  shadows?: LabShadow[];
}

/** A shadow copy of a volume of the lab. */
export interface LabShadow {
  readonly id: Guid;
  readonly set: Guid;
  /** Number of its device. */
  readonly number: number;
  readonly created: string;
  readonly clientAccessible: boolean;
  readonly noWriters: boolean;
  /** Drive of the volume; C if undefined. */
  readonly volume?: LabDrive;
  /** Vanishes with its requestor if false. */
  readonly persistent?: boolean;
  /** Local folder in which the copy is mounted. */
  mount?: string;
}

/** A collection of VMs (Msvm_VirtualSystemCollection). */
export interface LabGroup {
  readonly id: Guid;
  name: string;
  /** GUIDs of the VMs. */
  members: Guid[];
  snapshots: LabGroupSnapshot[];
  referencePoints: LabGroupPoint[];
}

/** A snapshot collection: a checkpoint of each member, and a snapshot of each shared disk. */
export interface LabGroupSnapshot {
  readonly id: Guid;
  readonly name: string;
  readonly type: 'user' | 'recovery';
  readonly consistency: 1 | 2;
  readonly members: readonly { readonly vm: Guid; readonly checkpoint: Guid }[];
  readonly shared: readonly SetPosition[];
}

/** A reference point collection. */
export interface LabGroupPoint {
  readonly id: Guid;
  readonly consistency: 1 | 2;
  /** InstanceIDs of the members' reference points. */
  readonly members: readonly { readonly vm: Guid; readonly point: string }[];
  readonly shared: readonly SetPosition[];
}

/** A snapshot of a VHD Set. */
export interface SetPosition {
  /** Host path of the `.vhds`. */
  readonly file: string;
  readonly snapshotId: Guid;
}

/** The lab's file server. */
export interface LabSmb {
  port: number;
  readonly guid: Guid;
  shares: LabShare[];
}

/** A share of the lab's file server. */
export interface LabShare {
  readonly name: string;
  /** Folder of the host, in its spelling: `C:\\Lab\\VMs`. */
  readonly hostPath: string;
  /** Rejects requests that are not encrypted. */
  readonly encrypt: boolean;
  /** Served by each node of a cluster. */
  readonly scaleOut: boolean;
  /** Opens may outlive their connection. */
  readonly continuous: boolean;
  readonly readOnly?: boolean;
}

export type HostVersion = '2012r2' | '2016' | '2019' | '2022' | '2025';

export interface LabVm {
  readonly id: Guid;
  name: string;
  /** EnabledState: 2 running, 3 off, 6 saved, 9 paused. */
  enabledState: number;
  readonly configurationVersion: string;
  readonly generation: 1 | 2;
  readonly created: string;
  /** The SCSI controller of all disks. */
  readonly controllerId: Guid;
  /** Msvm_DiskMergeSettingData: false after an export without storage. */
  mergeEnabled: boolean;
  readonly disks: LabDisk[];
  readonly checkpoints: LabCheckpoint[];
  readonly referencePoints: LabReferencePoint[];
  /** The checkpoint that was applied last. */
  lastApplied?: Guid;
  /** Time of the last change of `enabledState`; undefined: since the VM was made. */
  stateChanged?: string;
  /** Node to which the VM moved; this host no longer lists it. */
  movedTo?: string;
  /** Imported and not realized: an Msvm_PlannedComputerSystem. */
  planned?: boolean;
  /** A defined VM of generation 2 has no SCSI controller before one is added. */
  noController?: boolean;
  /** Slots of drives in which no disk is attached. */
  drives?: number[];
  /** Undefined: the one adapter that a VM of the lab has. */
  adapters?: LabAdapter[];
  /**
   * Settings other than those that a VM of the lab has, by the part of InstanceID after the VM's;
   * '' for those of the VM itself.
   */
  changed?: Record<string, Record<string, LabSetting>>;
}

/** A value of a setting as JSON keeps it. */
export type LabSetting = string | number | boolean | readonly (string | number)[];

/** A network adapter. */
export interface LabAdapter {
  /** Part of InstanceID after the VM's. */
  readonly id: string;
  /** The adapter has no settings of a connection before they are added. */
  noConnection?: boolean;
  name: string;
  /** Twelve hexadecimal digits. */
  mac: string;
  staticMac: boolean;
  connected: boolean;
  /** GUID of the switch, which may be one of another host. */
  switchId: string | null;
  switchName: string;
}

export interface LabDisk {
  readonly slot: number;
  /** Change tracking (RCT) exists for `vhdx` only; a checkpoint of a `vhd` adds an AVHD. */
  readonly kind: 'vhdx' | 'vhd' | 'shared' | 'passthrough';
  /** Host paths from the base to the active file. */
  files: string[];
  virtualSize: number;
  virtualDiskId: Guid;
  /** Files into which their child must be merged: the checkpoint above them was removed. */
  merges: string[];
  /**
   * Identity of the disk's change tracking: new if the disk is replaced or resized, which
   * invalidates earlier IDs.
   */
  trackingId: Guid;
  /** Change tracking was turned off; the next reference point turns it on. */
  untracked?: boolean;
  /** The file of a new disk is made when it is first opened. */
  unmade?: boolean;
}

export interface LabCheckpoint {
  readonly id: Guid;
  name: string;
  readonly type: 'user' | 'recovery';
  readonly created: string;
  readonly consistency: 1 | 2;
  readonly parent: Guid | null;
  disks: FrozenDisk[];
  /**
   * Files that an export of this checkpoint created: a differential export names them as parents.
   */
  exports: ExportedDisk[];
}

export interface ExportedDisk {
  readonly slot: number;
  readonly path: string;
  readonly dataWriteGuid: Guid;
}

export interface FrozenDisk {
  readonly slot: number;
  /** Host path of the frozen file. */
  path: string;
  /** The generation that the checkpoint sealed, for its RCT ID. */
  readonly generation: number;
  readonly trackingId: Guid;
  /** The frozen state is this snapshot of the VHD Set in `path`. */
  readonly snapshotId?: Guid;
}

export interface LabReferencePoint {
  /** InstanceID, in the host version's spelling. */
  readonly instanceId: string;
  readonly consistency: 1 | 2;
  readonly created: string;
  readonly disks: readonly {
    readonly slot: number;
    readonly trackingId: Guid;
    readonly generation: number;
  }[];
  readonly exports: readonly ExportedDisk[];
}

/**
 * Formats an RCT ID: `rctX:e59e6991:208a:44d9:ae6a:2f14351d792f:00000000`, the tracking ID's groups
 * and the sealed generation.
 */
export function rctId(trackingId: Guid, generation: number): string {
  return `rctX:${trackingId.replaceAll('-', ':')}:${generation.toString(16).padStart(8, '0')}`;
}

/** Parses an RCT ID; undefined for text that no lab created. */
export function parseRctId(
  text: string,
): { readonly trackingId: string; readonly generation: number } | undefined {
  const match =
    /^rctX:([0-9a-f]{8}:[0-9a-f]{4}:[0-9a-f]{4}:[0-9a-f]{4}:[0-9a-f]{12}):([0-9a-f]{8})$/.exec(
      text,
    );
  if (match === null) return undefined;
  return {
    trackingId: (match[1] ?? '').replaceAll(':', '-'),
    generation: Number.parseInt(match[2] ?? '', 16),
  };
}
