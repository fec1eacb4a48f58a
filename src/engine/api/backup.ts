import type { ReasonCode, WarningCode } from './codes.ts';
import type { ErrorInfo } from './errors.ts';
import type { PathMapping } from './host.ts';

/** What a run that went on warns of. */
export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
}

/** What a backup is asked to be; the same values as the command's options. */
export interface BackupOptions {
  readonly kind: 'auto' | 'full' | 'incremental';
  readonly method: 'auto' | 'export' | 'file' | 'smb' | 'virtdisk' | 'rsvd' | 'vss';
  readonly consistency: 'application' | 'crash' | 'default';
  readonly guestBackup: 'copy' | 'full';
  readonly checkTracker: 'off' | 'sample' | 'full';
  readonly maxChain: number;
  /** Disks of the VM that are copied at the same time; 2 if undefined. */
  readonly parallelDisks?: number;
  /** Seconds that merges of the host are waited for; 10 minutes if undefined. */
  readonly mergeWaitSeconds?: number;
  readonly pathMap: readonly PathMapping[];
  readonly exportDirectory: string | null;
  readonly excludeDisks: readonly string[];
}

/** Why a run, or a disk of it, became what it is; evidence is flat and JSON-safe. */
export interface ReasonInfo {
  readonly code: ReasonCode;
  readonly text: string;
  readonly evidence: Readonly<Record<string, string | number | boolean | null>>;
}

/** Whether the disks of a VM can be read by one method. */
export interface PlanMethod {
  readonly method: string;
  readonly possible: boolean;
  /** Code of what speaks against it; null if it is possible. */
  readonly code: string | null;
  readonly reason: string;
  /** Folders of the host whose place on this machine is missing or wrong. */
  readonly folders: readonly string[];
}

/** The document of `backup --plan`. */
export interface BackupPlan {
  readonly vm: { readonly id: string; readonly name: string };
  readonly kind: 'full' | 'incr';
  readonly reason: ReasonInfo;
  readonly method: string;
  /** Why it is this method; the evidence has what was found about each other one. */
  readonly methodReason: ReasonInfo;
  /** Every method, in the order of preference. The run is refused if its own is not possible. */
  readonly methods: readonly PlanMethod[];
  readonly parent: string | null;
  readonly disks: readonly {
    /** As `vm show` numbers it. */
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

/** What one kind of backup would be, or why it is not possible: one of the two is null. */
export type PlanAnswer =
  | { readonly plan: BackupPlan; readonly error: null }
  | { readonly plan: null; readonly error: ErrorInfo };

/** Plans of every kind, made of the same answers of host and store. */
export type BackupPlans = Readonly<Record<BackupOptions['kind'], PlanAnswer>>;

/** One thing that an interrupted run of ours left, and what became of it. */
export interface CleanedItem {
  /** `unclear`: may be another product's, not touched. `left`: ours, could not be removed now. Otherwise it is removed. */
  readonly kind:
    'checkpoint' | 'export' | 'left' | 'point' | 'referencePoint' | 'temporary' | 'unclear';
  readonly id: string;
  readonly text: string;
}
