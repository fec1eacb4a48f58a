/**
 * The phases of a run. Each takes the record of the phase before it and returns its own, so that
 * steps in the wrong order do not compile. A record contains facts: answers of host and store, and
 * objects that the run created. It is immutable.
 */
import type { FileProtection } from '../../../api/host.ts';
import type { Guid } from '../../../base/guid.ts';
import type { HostFiles } from '../../host/host-files.ts';
import type { RunFiles } from '../../context/run-files.ts';
import type { LedgerKeeper, RunDeps, RunWarning } from '../../context/run-context.ts';
import type {
  ConfigurationFile,
  Consistency,
  FrozenDisks,
  HostCapabilities,
  HostCheckpoint,
  HostReferencePoint,
  HostVm,
} from '../../host/host.ts';
import type { Lease } from '../../lease/lease.ts';
import type { PointManifest, SideFile } from '../../manifest/manifest.ts';
import type { BackupPlan } from '../../plan/plan-backup.ts';
import type { PointEntry } from '../../points/catalog.ts';
import type { DiskReader } from '../../read/contract/method.ts';
import type { BackupOptions, CleanedItem } from '../../../api/backup.ts';
import type { DiskResult, DiskTask } from './disk-task.ts';
import type { DropStep, UndoStack } from './undo-stack.ts';

/** Notes that every phase adds to. */
export interface RunNotes {
  /** Warnings that are kept with the point. */
  readonly warnings: RunWarning[];
  /** Failed removals; the point is complete nevertheless. */
  readonly unfinished: RunWarning[];
  /** Leftovers of earlier, interrupted runs. */
  readonly cleaned: CleanedItem[];
  /** File servers that disks were read from. */
  readonly protection: FileProtection[];
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
  /** The host's files; closed before the checkpoint is converted, and at the end. */
  readonly files: RunFiles;
  /** Name that the host reports for itself; null if it reports no name. */
  readonly computerName: string | null;
  /** Time at which the run began, ISO 8601. */
  readonly created: string;
}

/** The leftovers of earlier runs are removed, and the host was asked about the VM after that. */
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

/** The host created a backup checkpoint, which is recorded in the ledger. */
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
  /** Reads the disks that the members of a group share. */
  readonly shared: DiskReader;
  /** Folder on the host that the read method fills; null if it needs none. */
  readonly staging: string | null;
  /** Configuration files and where to look for them; absent: those of the checkpoint, where the disks are read. */
  readonly configurationIn?: {
    readonly files: readonly ConfigurationFile[];
    readonly ways: readonly HostFiles[];
  };
  /** The shadow copy set in which the disks are read; absent with other methods. */
  readonly shadowSet?: Guid;
  /** Removes that folder. */
  readonly removeStaging: (signal: AbortSignal) => Promise<void>;
}

/** The tracker has answered, so it is known what to read of each disk. */
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

/** The checkpoint became a reference point; undefined on a host without reference points. */
export interface Converted extends Written {
  readonly reference: HostReferencePoint | undefined;
}

/** The manifest is written: the point is complete. */
export interface Committed extends Converted {
  readonly manifest: PointManifest;
}
