import type { ReasonCode, WarningCode } from './codes.ts';
import type { ErrorInfo } from './errors.ts';
import type { PathMapping } from './host.ts';

/** Warning of a run that continued. */
export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
}

/** Read methods of this version. */
export const BACKUP_METHODS = ['export', 'file', 'smb', 'virtdisk', 'vss'] as const;
/** Values of the option for the read method; those of later versions are refused by name. */
export const BACKUP_METHOD_CHOICES = ['auto', ...BACKUP_METHODS, 'rsvd'] as const;

export type BackupMethod = (typeof BACKUP_METHODS)[number];
export type BackupMethodChoice = (typeof BACKUP_METHOD_CHOICES)[number];

/** Options of a backup, with the same values as the command's options. */
export interface BackupOptions {
  readonly kind: 'auto' | 'full' | 'incremental';
  readonly method: BackupMethodChoice;
  readonly consistency: 'application' | 'crash' | 'default';
  readonly guestBackup: 'copy' | 'full';
  readonly checkTracker: 'off' | 'sample' | 'full';
  readonly maxChain: number;
  /** Disks of the VM that are copied at the same time; 2 if undefined. */
  readonly parallelDisks?: number;
  /** Time limit for merges of the host, in seconds; 10 minutes if undefined. */
  readonly mergeWaitSeconds?: number;
  readonly pathMap: readonly PathMapping[];
  readonly exportDirectory: string | null;
  readonly excludeDisks: readonly string[];
  /** VMs of the last point of a group, by ID or name, that may be missing now; none if undefined. */
  readonly withoutMembers?: readonly string[];
  /** Method `vss`: VMs that were not named may be frozen, or saved, because they share a volume; no if undefined. */
  readonly allowOthers?: boolean;
  /** Method `vss`: seconds between the tries of a step that may succeed later; 600 if undefined. */
  readonly vssWaitSeconds?: number;
}

/**
 * Reason for the kind or method of a backup, or of one disk of it. Evidence is flat and JSON-safe.
 */
export interface ReasonInfo {
  readonly code: ReasonCode;
  readonly text: string;
  readonly evidence: Readonly<Record<string, string | number | boolean | null>>;
}

/** Whether one method can read the disks of a VM. */
export interface PlanMethod {
  readonly method: string;
  readonly possible: boolean;
  /** The file server, which might make it possible, was not asked: the run will not need it; absent otherwise. */
  readonly untried?: true;
  /** Code of the obstacle; null if the method is possible. */
  readonly code: string | null;
  readonly reason: string;
  /** Folders of the host that have no usable path mapping on this machine. */
  readonly folders: readonly string[];
  /** File server that keeps the method from being possible, since nobody approved it; absent otherwise. */
  readonly unknownServer?: string;
}

/** The document of `backup --plan`. */
export interface BackupPlan {
  readonly vm: { readonly id: string; readonly name: string };
  readonly kind: 'full' | 'incr';
  readonly reason: ReasonInfo;
  readonly method: string;
  /** Reason for the chosen method; the evidence holds the findings about the other methods. */
  readonly methodReason: ReasonInfo;
  /**
   * Every method, in the order of preference. The run fails if the chosen method is not possible.
   */
  readonly methods: readonly PlanMethod[];
  readonly parent: string | null;
  readonly disks: readonly {
    /** The disk's number in `vm show`. */
    readonly number: number;
    readonly slot: string;
    readonly path: string;
    readonly virtualSize: number | null;
    readonly kind: 'full' | 'incr';
    readonly reason: ReasonInfo;
  }[];
  readonly excluded: readonly {
    readonly slot: string;
    readonly path: string;
    readonly why: string;
  }[];
  readonly warnings: readonly Warning[];
}

/** Options of a backup whose kind is not chosen yet. */
export type KindlessOptions = Omit<BackupOptions, 'kind'>;

/** Plan of one kind of backup, or the error that prevents it: exactly one of the two is null. */
export type PlanAnswer =
  | { readonly plan: BackupPlan; readonly error: null }
  | { readonly plan: null; readonly error: ErrorInfo };

/** Plans of every kind, derived from the same answers of host and store. */
export type BackupPlans = Readonly<Record<BackupOptions['kind'], PlanAnswer>>;

/** An item that an interrupted run of Refpoint left behind, and the result of its cleanup. */
export interface CleanedItem {
  /**
   * `unclear`: may belong to another product; not touched. `left`: Refpoint's, but could not be
   * removed now. Every other kind was removed.
   */
  readonly kind:
    | 'checkpoint'
    | 'export'
    | 'import'
    | 'left'
    | 'over'
    | 'point'
    | 'referencePoint'
    | 'shadowSet'
    | 'temporary'
    | 'unclear';
  readonly id: string;
  readonly text: string;
}

/** Switch to which adapters of a VM were connected. */
export interface ImportNetwork {
  readonly switch: string;
  /** Switch of the host; null: its adapters stay disconnected. */
  readonly to: string | null;
  /** The host lacks the switch `to`. */
  readonly missing: boolean;
}

/** Part of a VM that does not come back when it is made of its settings. `name` of a device or a boot entry, else ''. */
export interface LostPart {
  readonly code: 'bootFile' | 'bootOrder' | 'device' | 'tpm';
  readonly name: string;
}

/** Plan of a restore as a new VM, as far as it is known before anything is written. */
export interface ImportPlan {
  /** Name of the host; null: it names none. */
  readonly computerName: string | null;
  readonly vm: { readonly id: string; readonly name: string };
  readonly point: string;
  /** Name of the new VM. */
  readonly name: string;
  /** Source of the VM's settings; null if the point has disks only. */
  readonly from: 'configuration' | 'settings' | null;
  /** Folder on the host. */
  readonly hostFolder: string;
  /** The same folder on this machine; null if it has no place here. */
  readonly folder: string | null;
  /** `path`: on the host. */
  readonly disks: readonly {
    readonly number: number;
    readonly path: string;
    readonly virtualSize: number;
  }[];
  /** null: not known, since the point has no settings. */
  readonly networks: readonly ImportNetwork[] | null;
  /** Switches of the host. */
  readonly switches: readonly string[];
  /** Maximum number of bytes that the files take. */
  readonly neededBytes: number;
  /** null: not known. */
  readonly freeBytes: number | null;
  /** Parts of the VM that do not come back; the restore succeeds nevertheless. */
  readonly lost: readonly LostPart[];
  /** Everything that would make the restore fail; empty: nothing is known. */
  readonly findings: readonly ErrorInfo[];
}

/** A disk in the plan of a restore over a VM. Paths are those of the host; sizes in bytes. */
export interface OverPlanDisk {
  /** Number in the point. */
  readonly number: number;
  readonly name: string;
  readonly slot: string;
  /** File that the VM has now; null: it has no such disk. */
  readonly old: string | null;
  /** File that the restore writes; null for a disk that stays, or if it is not known. */
  readonly path: string | null;
  /**
   * `differing`: a differencing image on the old file holds the parts that differ. `whole`: a new file
   * holds the whole disk. `same`: the disk has these contents already. null: the disks were not compared.
   */
  readonly way: 'differing' | 'same' | 'whole' | null;
  /** Reason for writing the whole disk, else null. */
  readonly why: string | null;
  readonly virtualSize: number;
  readonly writtenBytes: number | null;
  /** Bytes that a restore of the whole disk would write in addition. */
  readonly savedBytes: number | null;
}

/** Plan of a restore over the disks of a VM. */
export interface OverPlan {
  /** Name of the host; null: it names none. */
  readonly computerName: string | null;
  /** VM of the host. */
  readonly vm: { readonly id: string; readonly name: string; readonly state: string };
  readonly point: string;
  readonly disks: readonly OverPlanDisk[];
  /** Sums over the disks; null: the disks were not compared. */
  readonly writtenBytes: number | null;
  readonly savedBytes: number | null;
  /** Everything that would make the restore fail; empty: nothing is known. `data.slot` names a disk. */
  readonly findings: readonly ErrorInfo[];
}
