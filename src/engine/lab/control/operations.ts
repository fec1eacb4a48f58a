import type { LabDrive } from '../files/host-paths.ts';
import type { ActiveFault } from '../faults.ts';
import type { DiskHash } from '../../disk/tools/disk-hash.ts';
import type { VssapiRecord } from '../vss/vssapi/vssapi-server.ts';
import type { LabShadow, LabShare, LabVm } from '../state/state.ts';
import type { WriteResult } from '../model/guest.ts';

/** A disk of a new VM: a copy of an image, empty, or one that has no file. */
export type NewDisk =
  { readonly image: string } | { readonly size: number } | { readonly passthrough: true };

/** Operations on a lab, running or not. Paths are local and absolute. */
export interface LabOperations {
  /** Moves a VM to another node, or back (null). Its files stay: they lie on shared storage. */
  'move-vm': { params: { vm: string; to: string | null }; result: { id: string; node: string } };
  /**
   * Gives a VM away to a lab in another folder: removes it from this lab and returns it, with the
   * folders of its files and of its change tracking.
   */
  'give-vm': { params: { vm: string; node: string }; result: GivenVm };
  /** Takes a VM that another lab gave away, with its files. */
  'take-vm': { params: GivenVm; result: VmSummary };
  /** Name of this host. */
  name: { params: Record<string, never>; result: { machineName: string } };
  /** Adds `count` VMs named `name-1` and so on, with empty disks made when they are first opened. */
  'add-vms': {
    params: { name: string; count: number; sizes: readonly number[] };
    result: { count: number; first: string; last: string };
  };
  'add-vm': {
    params: {
      name: string;
      disks: readonly NewDisk[];
      generation?: 1 | 2;
      /** Drives of the disks in turn; C if undefined. */
      drives?: readonly LabDrive[];
    };
    result: VmSummary;
  };
  /** Makes a disk in `C:\\Lab\\Shared` that several VMs share. */
  'add-shared-disk': {
    params: {
      name: string;
      vms: readonly string[];
      format: 'vhds' | 'vhdx';
      disk: Exclude<NewDisk, { readonly passthrough: true }>;
    };
    result: { path: string; virtualSize: number; virtualDiskId: string; vms: readonly string[] };
  };
  /**
   * Removes a VM and its disks, as an administrator would on the host, even during other
   * operations.
   */
  'remove-vm': { params: { vm: string }; result: { id: string } };
  list: { params: Record<string, never>; result: readonly VmSummary[] };
  'write-bytes': {
    params: { vm: string; disk: number; offset: number; base64: string };
    result: WriteResult;
  };
  'write-file': {
    params: { vm: string; disk: number; offset: number; file: string };
    result: WriteResult;
  };
  'write-raw': { params: { vm: string; disk: number; image: string }; result: WriteResult };
  'write-random': {
    params: { vm: string; disk: number; count: number; seed: string; length: number | null };
    result: WriteResult;
  };
  /** SHA-256 of a disk as the guest sees it now. */
  hash: { params: { vm: string; disk: number }; result: DiskHash };
  /** Adds a share of the file server, or replaces the one of that name. */
  'share-add': { params: LabShare; result: readonly LabShare[] };
  'share-remove': { params: { name: string }; result: readonly LabShare[] };
  /**
   * Runs a script of diskshadow on the host; `output` is what it prints, also into the local file `log`.
   * `cwd` is the local folder in which the program was started.
   */
  diskshadow: {
    params: { script: string; cwd?: string; log?: string };
    result: { output: string; code: number };
  };
  /** Makes a shadow copy of the host's volume, as another program would. */
  'shadow-create': { params: Record<string, never>; result: LabShadow };
  'shadow-remove': { params: { id: string }; result: LabShadow };
  'shadow-list': { params: Record<string, never>; result: readonly LabShadow[] };
  /** Names of the host's volumes, `\\\\?\\Volume{GUID}\\`. */
  'volume-list': {
    params: Record<string, never>;
    result: readonly { readonly drive: LabDrive; readonly name: string }[];
  };
  /** Mistakes of callers of the vssapi.dll of tests, and the number of open requestors. */
  'vssapi-record': { params: Record<string, never>; result: VssapiRecord };
  'share-list': { params: Record<string, never>; result: readonly LabShare[] };
  /** `at`: the fault begins with the at-th exchange from now; null: at once. */
  'fault-set': {
    params: { name: string; value: string | null; times: number | null; at?: number | null };
    result: readonly ActiveFault[];
  };
  'fault-list': {
    params: Record<string, never>;
    result: {
      known: Readonly<Record<string, string>>;
      active: readonly ActiveFault[];
      /** Number of exchanges since the start. */
      exchanges: number;
      /** Number of the exchange at which each fault occurred first. */
      occurred: Readonly<Record<string, number>>;
    };
  };
  'fault-clear': { params: Record<string, never>; result: readonly ActiveFault[] };
  'checkpoint-create': { params: { vm: string }; result: { id: string; name: string } };
  'checkpoint-remove': { params: { vm: string; id: string }; result: { id: string } };
  /** Reverts a VM that is off to its newest checkpoint. */
  'checkpoint-apply': { params: { vm: string; id: string }; result: VmSummary };
  /**
   * Replaces a disk of a VM that is off with a copy of a VHDX file; change tracking does not see
   * it.
   */
  overwrite: { params: { vm: string; disk: number; file: string }; result: VmSummary };
  /** Writes whole sectors of a disk of a VM that is off; change tracking does not see it. */
  'write-offline': {
    params: { vm: string; disk: number; offset: number; base64: string };
    result: WriteResult;
  };
  resize: { params: { vm: string; disk: number; size: number }; result: VmSummary };
  replace: { params: { vm: string; disk: number; with: NewDisk }; result: VmSummary };
  /** Adds a disk, at the first free slot unless one is given. */
  attach: { params: { vm: string; disk: NewDisk; slot: number | null }; result: VmSummary };
  /** Detaches a disk from the VM; its files stay. */
  detach: { params: { vm: string; disk: number }; result: VmSummary };
  'reference-point-create': {
    params: { vm: string; consistency: 'application' | 'crash' };
    result: { id: string };
  };
  'reference-point-remove': { params: { vm: string; id: string }; result: { id: string } };
  /** Creates a collection of VMs with these members. */
  'group-create': { params: { name: string; members: readonly string[] }; result: GroupSummary };
  /** Removes a collection by name or ID, with its snapshots and reference points; its VMs stay. */
  /** Adds a VM to a group, or takes it out. */
  'group-member': {
    params: { group: string; vm: string; member: boolean };
    result: GroupSummary;
  };
  'group-remove': { params: { group: string }; result: { id: string } };
  'group-list': { params: Record<string, never>; result: readonly GroupSummary[] };
  /** Creates a snapshot or a reference point of a collection, as another product does. */
  'group-snapshot': {
    params: { group: string; convert: boolean };
    result: { id: string };
  };
  /** Stops the process that serves the lab, cleanly. Fails if there is not one. */
  stop: { params: Record<string, never>; result: { pid: number } };
  /**
   * Turns the TPM of a VM of generation 2 on, or registers a file of a disk as the first boot source, as
   * the guest's system does when it is installed.
   */
  'set-firmware': {
    params: {
      vm: string;
      tpm?: boolean;
      bootFile?: { readonly name: string; readonly location: string; readonly disk: number };
    };
    result: { id: string };
  };
  'set-state': {
    params: { vm: string; state: 'running' | 'off' | 'saved' | 'paused' };
    result: VmSummary;
  };
}

/** A VM on its way between two labs. Paths are local. */
export interface GivenVm {
  readonly vm: LabVm;
  /** Folder of the VM's files. */
  readonly files: string;
  /** Folder of the change tracking of all VMs. */
  readonly tracking: string;
}

/** A collection of VMs. */
export interface GroupSummary {
  readonly id: string;
  readonly name: string;
  readonly members: readonly { readonly id: string; readonly name: string }[];
  readonly snapshots: readonly string[];
  readonly referencePoints: readonly string[];
}

export type OperationName = keyof LabOperations;

export interface VmSummary {
  readonly id: string;
  readonly name: string;
  readonly disks: readonly {
    readonly number: number;
    readonly path: string;
    readonly virtualSize: number;
    readonly diskId: string;
  }[];
  readonly checkpoints: readonly {
    readonly id: string;
    readonly name: string;
    readonly type: string;
  }[];
  readonly referencePoints: readonly string[];
  readonly merging: boolean;
}
