/**
 * A read method: one way to read the contents of frozen disks. It is a folder beside this file and
 * a row in methods.ts. The planner asks the table which methods can read a VM's disks; the run asks
 * the chosen method for a reader once the disks are frozen.
 */
import type { BackupMethod, BackupOptions, Warning } from '../../../api/backup.ts';
import type { EngineError } from '../../../base/errors.ts';
import type { Guid } from '../../../base/guid.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import type { TrackedChanges } from '../../changes/ask-changes.ts';
import type { BackupHost, FrozenDisks, HostDisk } from '../../host/host.ts';
import type { HostFiles, RemoteFiles } from '../../host/host-files.ts';
import type { LocalDisks } from '../../host/local-disks.ts';
import type { ReachableFiles } from '../../host/reachable-files.ts';
import type { HostDiskSource } from '../source/host-disk-source.ts';

/**
 * Whether one method can read the disks of a VM, checked before anything is created on the host.
 */
export interface MethodCheck {
  readonly method: BackupMethod;
  /** Why it is not possible; null if it looks possible. */
  readonly problem: EngineError | null;
  /** Folders of the host whose local path is missing or wrong, each once. */
  readonly folders: readonly string[];
  /** Places on file servers at which the disks were found; absent if none was contacted. */
  readonly places?: readonly { readonly slot: string; readonly place: string }[];
  /** The file server was not asked, which might make it possible; absent otherwise. */
  readonly untried?: true;
}

/** Everything that a check of a method may use. */
export interface CheckAround {
  readonly options: ReadOptions;
  readonly mapped: HostFiles;
  readonly local: LocalDisks;
  /** undefined: no server may be contacted, since an earlier method is possible. */
  readonly remote: RemoteFiles | undefined;
}

/** The options that methods read. */
export type ReadOptions = Pick<BackupOptions, 'pathMap' | 'exportDirectory' | 'checkTracker'>;

/**
 * Keeps evidence about a disk of a run that will not be committed, in the store. Returns the path of
 * the file there.
 * @param name the last part of the file's name
 */
export type KeepEvidence = (
  slot: string,
  name: string,
  bytes: Uint8Array,
  signal: AbortSignal,
) => Promise<string>;

/** The disks that a run reads, frozen in its checkpoint. */
export interface ReadOrder {
  readonly host: BackupHost;
  readonly vmId: Guid;
  readonly checkpointId: string;
  readonly frozen: FrozenDisks;
  /** The disks of the plan, and whether each becomes an increment. */
  readonly disks: readonly { readonly disk: HostDisk; readonly kind: 'full' | 'incr' }[];
  /**
   * An increment was requested explicitly, so it is an error if the host refuses to give the
   * changes.
   */
  readonly mustBeChanges: boolean;
  /** The reference point from which changes are counted; null if no disk becomes an increment. */
  readonly since: string | null;
  readonly options: ReadOptions;
  readonly files: ReachableFiles;
  /** Folder on the host that the run created for itself; null if the method stages nothing. */
  readonly staging: string | null;
  /** A method with two readers of the same disk compares them. */
  readonly compareReaders: boolean;
  readonly keep: KeepEvidence;
  /** Adds a warning that is kept with the point. */
  readonly warn: (warning: Warning) => void;
  /**
   * Pauses between looks for a new file that a share does not list yet, in milliseconds; the
   * default if undefined.
   */
  readonly listingPauses?: readonly number[] | undefined;
}

/**
 * A reader. If it has whole disks although changes were requested, it contains the reason, and
 * every disk becomes a full.
 */
export interface BegunReader {
  readonly reader: DiskReader;
  readonly refused: EngineError | null;
}

export interface ReadMethod {
  readonly id: BackupMethod;
  /** Sentence that explains why the method is possible. */
  readonly possible: string;
  /**
   * Checks whether the disks can be read. Opens no disk, since a running VM locks its active file.
   */
  check(disks: readonly HostDisk[], around: CheckAround, signal: AbortSignal): Promise<MethodCheck>;
  /**
   * Returns the folder on the host for the method's export, which the run removes; null if it needs
   * none.
   */
  staging(options: ReadOptions, vmId: Guid, pointId: string): string | null;
  /** Makes the frozen disks readable. Throws `path.stale`, `export.*`. */
  begin(order: ReadOrder, signal: AbortSignal): Promise<BegunReader>;
}

/** Reads the disks that a checkpoint has frozen. */
export interface DiskReader {
  /** Opens the whole disk as it was at the checkpoint. */
  openWhole(disk: HostDisk, signal: AbortSignal): Promise<OpenedDisk>;
  /** Opens the frozen file itself, also if the data comes from an export. Throws `path.*`. */
  openFrozen(disk: HostDisk, signal: AbortSignal): Promise<OpenedDisk>;
  /**
   * Opens the changes since `ReadOrder.since`; undefined if the change tracker has to be asked for
   * them.
   */
  readonly openChanges:
    ((disk: HostDisk, signal: AbortSignal) => Promise<HostDiskSource>) | undefined;
  /**
   * Asks a change tracker of this reader; absent if the host's WMI is asked. Throws `tracker.*`,
   * `virtdisk.*`.
   */
  readonly askChanges?: (
    disk: HostDisk,
    rctId: string,
    signal: AbortSignal,
  ) => Promise<TrackedChanges>;
}
