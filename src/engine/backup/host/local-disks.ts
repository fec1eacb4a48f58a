import type { EngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import type { LocalDiskFacts } from './disk-facts.ts';
import type { HostFiles } from './host-files.ts';
import type { RawChanges } from './raw-changes.ts';

/**
 * Disks of a host through Windows' virtual disk driver. Microsoft's limits: works only on the host
 * itself, and not for shared disks.
 */
export interface LocalDisks {
  /** The host's files in folders of this computer, which is the host. */
  readonly files: HostFiles;
  /**
   * Returns why the driver cannot be used; null if it can. Opens no disk. The error is `plan.method`,
   * `virtdisk.*` or `win32.*`.
   */
  problem(signal: AbortSignal): Promise<EngineError | null>;
  /** Opens a file read-only, with its parents, and attaches nothing. Throws `virtdisk.*`. */
  open(hostPath: string, signal: AbortSignal): Promise<LocalDisk>;
}

/** A disk that the driver has opened. */
export interface LocalDisk {
  readonly facts: LocalDiskFacts;
  /** State of the change tracker: evidence, never the base of an increment. Throws `virtdisk.*`. */
  tracking(signal: AbortSignal): Promise<TrackerState>;
  /**
   * Makes one QueryChangesVirtualDisk call; the answer is unchecked. Ranges are offsets of the virtual
   * disk. Throws `virtdisk.*`.
   */
  queryChanges(
    rctId: string,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<RawChanges>;
  /**
   * Attaches the disk for reading, without a drive letter. Closing the source detaches it. Throws
   * `virtdisk.*`.
   */
  attach(signal: AbortSignal): Promise<ByteSource>;
  close(): Promise<void>;
}

export interface TrackerState {
  readonly enabled: boolean;
  /** Data was changed after `mostRecentId` was made. */
  readonly newerChanges: boolean;
  /** Newest ID that the tracker made; may be ''. */
  readonly mostRecentId: string;
}
