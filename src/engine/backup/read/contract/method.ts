/**
 * A read method: one way to get at the contents of frozen disks. It is a folder beside this file and a row in methods.ts. The
 * planner asks the table who can read the disks of a VM; the run asks the chosen method for a reader once the disks are frozen.
 */
import type { EngineError } from '../../../base/errors.ts';
import type { Guid } from '../../../base/guid.ts';
import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';
import type { BackupHost, FrozenDisks, HostDisk } from '../../host/host.ts';
import type { BackupMethod, BackupOptions } from '../../host/options.ts';
import type { HostDiskSource } from '../source/host-disk-source.ts';

/** Whether the disks of a VM can be read by one method, found out before anything is made on the host. */
export interface MethodCheck {
  readonly method: BackupMethod;
  /** Why it is not possible; null if nothing speaks against it. */
  readonly problem: EngineError | null;
  /** Folders of the host whose place on this machine is missing or wrong, each once. */
  readonly folders: readonly string[];
}

/** The options that methods read. */
export type ReadOptions = Pick<BackupOptions, 'pathMap' | 'exportDirectory' | 'checkTracker'>;

/** The disks that a run reads, frozen in its checkpoint. */
export interface ReadOrder {
  readonly host: BackupHost;
  readonly vmId: Guid;
  readonly checkpointId: string;
  readonly frozen: FrozenDisks;
  /** The disks of the plan, and whether each becomes an increment. */
  readonly disks: readonly { readonly disk: HostDisk; readonly kind: 'full' | 'incr' }[];
  /** An increment was asked for by name: changes that the host refuses are an error. */
  readonly mustBeChanges: boolean;
  /** The reference point from which changes are counted; null if no disk becomes an increment. */
  readonly since: string | null;
  readonly options: ReadOptions;
  /** Folder on the host that the run made for itself; null if the method stages nothing. */
  readonly staging: string | null;
  /** Pauses, in milliseconds, while a new file is not listed yet on a share; the default if undefined. */
  readonly listingPauses?: readonly number[] | undefined;
}

/** A reader, and why it holds whole disks although changes were wanted: then every disk is a full. */
export interface BegunReader {
  readonly reader: DiskReader;
  readonly refused: EngineError | null;
}

export interface ReadMethod {
  readonly id: BackupMethod;
  /** One sentence that says why the method is possible, if nothing speaks against it. */
  readonly possible: string;
  /** Looks whether the disks can be read. Opens no disk: a running VM holds its active file exclusively. */
  check(
    disks: readonly HostDisk[],
    options: ReadOptions,
    signal: AbortSignal,
  ): Promise<MethodCheck>;
  /** Folder on the host that the method has the host write to, and that the run removes; null if it needs none. */
  staging(options: ReadOptions, vmId: Guid, pointId: string): string | null;
  /** Makes the frozen disks readable. Throws `path.stale`, `export.*`. */
  begin(order: ReadOrder, signal: AbortSignal): Promise<BegunReader>;
}

/** Reads the disks that a checkpoint has frozen. */
export interface DiskReader {
  /** Opens the whole disk as the checkpoint holds it. */
  openWhole(disk: HostDisk, signal: AbortSignal): Promise<OpenedDisk>;
  /** Opens the frozen file itself, also if the data comes from elsewhere. Throws `path.*`. */
  openFrozen(disk: HostDisk, signal: AbortSignal): Promise<OpenedDisk>;
  /** Opens what changed since `ReadOrder.since`; undefined if the change tracker has to be asked for that. */
  readonly openChanges:
    ((disk: HostDisk, signal: AbortSignal) => Promise<HostDiskSource>) | undefined;
}
