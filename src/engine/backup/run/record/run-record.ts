/**
 * The phases of a run. Each takes the record of the phase before it and returns its own, so that steps in a wrong order do not
 * compile. A record holds facts: what the host and the store said, and what the run made. It is never changed.
 */
import type { Guid } from '../../../base/guid.ts';
import type { LedgerKeeper, RunDeps, RunWarning } from '../../context/run-context.ts';
import type {
  Consistency,
  FrozenDisks,
  HostCapabilities,
  HostCheckpoint,
  HostReferencePoint,
  HostVm,
} from '../../host/host.ts';
import type { BackupOptions } from '../../host/options.ts';
import type { Lease } from '../../lease/lease.ts';
import type { PointManifest, SideFile } from '../../manifest/manifest.ts';
import type { BackupPlan } from '../../plan/plan-backup.ts';
import type { PointEntry } from '../../points/catalog.ts';
import type { DiskReader } from '../../read/contract/method.ts';
import type { CleanedItem } from '../../../api/backup.ts';
import type { DiskResult, DiskTask } from './disk-task.ts';
import type { DropStep, UndoStack } from './undo-stack.ts';

/** What a run says about itself, gathered by every phase. */
export interface RunNotes {
  /** Warnings that are kept with the point. */
  readonly warnings: RunWarning[];
  /** What could not be removed: the point is complete nevertheless. */
  readonly unfinished: RunWarning[];
  /** What an earlier, interrupted run had left. */
  readonly cleaned: CleanedItem[];
}

/** The lease is held. */
export interface Leased {
  readonly deps: RunDeps;
  readonly vmId: Guid;
  readonly options: BackupOptions;
  readonly notes: RunNotes;
  readonly undo: UndoStack;
  readonly lease: Lease;
  readonly keeper: LedgerKeeper;
  /** Name that the host reports for itself; null if it shows none. */
  readonly computerName: string | null;
  /** Time at which the run began, ISO 8601. */
  readonly created: string;
}

/** What earlier runs left is cleaned up, and the host was asked about the VM after that. */
export interface Recovered extends Leased {
  readonly vm: HostVm;
}

export interface Planned extends Recovered {
  readonly capabilities: HostCapabilities;
  readonly points: readonly PointEntry[];
  readonly plan: BackupPlan;
}

/** The point's folder is reserved. */
export interface Reserved extends Planned {
  readonly pointId: string;
  readonly keepFolder: DropStep;
}

/** The host made a backup checkpoint, which the ledger knows. */
export interface Frozen extends Reserved {
  readonly checkpoint: HostCheckpoint;
  readonly keepCheckpoint: DropStep;
  readonly achieved: Consistency;
  /** The frozen files, and the VM since then. */
  readonly disks: FrozenDisks;
}

/** The frozen disks can be read. */
export interface Readable extends Frozen {
  readonly reader: DiskReader;
  /** Folder on the host that the read method fills; null if it needs none. */
  readonly staging: string | null;
  /** Removes that folder. */
  readonly removeStaging: (signal: AbortSignal) => Promise<void>;
}

/** The tracker has answered: it is known what is read of each disk. */
export interface Tasked extends Readable {
  /** Milliseconds since 1970, before the tracker was asked. */
  readonly dataStarted: number;
  readonly tasks: readonly DiskTask[];
}

/** Every disk and the configuration are written to the store. */
export interface Written extends Tasked {
  readonly results: readonly DiskResult[];
  readonly configFiles: readonly SideFile[];
  /** Seconds from the first question to the tracker to the last fsync of data. */
  readonly dataSeconds: number;
}

/** The checkpoint became a reference point; undefined on a host without them. */
export interface Converted extends Written {
  readonly reference: HostReferencePoint | undefined;
}

/** The manifest is written: the point is complete. */
export interface Committed extends Converted {
  readonly manifest: PointManifest;
}
