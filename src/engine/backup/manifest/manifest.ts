import type { ReasonInfo, Warning } from '../../api/backup.ts';
import type { Guid } from '../../base/guid.ts';
import type { Consistency } from '../host/host.ts';

/**
 * `point.chain.json`, the record of one backup point: written last, read first. A point without it is
 * partial. point.schema.json documents it; FORMAT.md says how it fits the store.
 */
export const MANIFEST_VERSION = 2;

/** Versions that are read. Version 1 has no checksum and no optional fields; these read as null. */
export type ManifestVersion = 1 | typeof MANIFEST_VERSION;

export type BackupKind = 'full' | 'incr';

export type Reason = ReasonInfo;

/** A small file of the point beside the disk images, by its name relative to the point's folder. */
export interface SideFile {
  readonly file: string;
  readonly size: number;
  /** Of its bytes, lower-case hexadecimal. */
  readonly sha256: string;
}

export interface DiskRecord {
  /** As `vm show` numbered the disk at that moment. It changes as disks come and go: chains follow the slot. */
  readonly number: number;
  readonly name: string;
  readonly slot: string;
  /** Where the disk sits, as the host's reference points name it. */
  readonly locationId: string;
  /** The image that was read, in the host's spelling. */
  readonly path: string;
  /** The image in this point's folder. */
  readonly file: string;
  readonly kind: BackupKind;
  readonly reason: Reason;
  /** The point whose image is this one's parent; null for a full. */
  readonly parentPoint: string | null;
  readonly virtualSize: number;
  readonly logicalSectorSize: number;
  /** Of the source disk; null if it is not known. */
  readonly physicalSectorSize: number | null;
  /** Of our image; null if it is not known. */
  readonly blockSize: number | null;
  readonly virtualDiskId: Guid | null;
  /** Of our image: what a child's parent locator names as linkage. */
  readonly dataWriteGuid: Guid;
  /** What the next incremental asks changes since; null where the host gave none. */
  readonly rctId: string | null;
  /** Bytes that one leaf of the hash tree covers (hash-format.ts). */
  readonly hashUnit: number;
  /** Root of the hash tree over the whole disk at this point, lower-case hexadecimal. */
  readonly hashRoot: string;
  readonly fileSize: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Bytes that the tracker reported as changed; null for a full, or if it is not known. */
  readonly changedBytes: number | null;
  readonly hashesFile: SideFile;
  readonly changesFile: SideFile | null;
}

export interface PointReference {
  /** The host's InstanceID, opaque, verbatim. */
  readonly id: string;
  readonly disks: readonly { readonly locationId: string; readonly rctId: string }[];
}

/** What re-reading unchanged parts showed; a point with mismatches is never committed. */
export interface TrackerCheck {
  readonly mode: 'off' | 'sample' | 'full';
  readonly checkedBytes: number;
  /** What the check of each disk rules out; null if it was not recorded. */
  readonly disks: readonly DiskCheck[] | null;
}

/** What re-reading unchanged cells of one disk rules out. */
export interface DiskCheck {
  readonly slot: string;
  /** Unchanged cells that hold data, from which the checked ones were drawn. */
  readonly candidateCells: number;
  readonly checkedCells: number;
  /** So many wrong cells, or more, would have shown with this confidence. */
  readonly ruledOutCells: number;
  readonly confidence: number;
}

export interface PointManifest {
  readonly version: ManifestVersion;
  readonly id: string;
  readonly storeId: Guid;
  readonly vm: {
    readonly id: Guid;
    readonly name: string;
    /** The checkpoint that the VM was last reverted to, as the host names it; null if it is not known. */
    readonly lastAppliedSnapshot: string | null;
  };
  /** The host's URL, without credentials. */
  readonly host: string;
  /** The name that the host reports in its own row of Msvm_ComputerSystem; null if it is not known. */
  readonly computerName: string | null;
  readonly kind: BackupKind;
  readonly reason: Reason;
  /** ISO 8601 UTC. `created` is when the checkpoint was asked for, `finished` when this was written. */
  readonly created: string;
  readonly finished: string;
  /** `default` takes crash consistency, with a warning, where application consistency cannot be had. */
  readonly consistency: {
    readonly asked: Consistency | 'default';
    readonly achieved: Consistency | 'unknown';
  };
  /** `export`, `file` … */
  readonly method: string;
  /** Why it was this read method, with what was found about the others; null if it was not recorded. */
  readonly methodReason: Reason | null;
  readonly parent: string | null;
  readonly referencePoint: PointReference | null;
  readonly disks: readonly DiskRecord[];
  /** Disks of the VM that this point does not hold, and why. */
  readonly excluded: readonly {
    readonly slot: string;
    readonly path: string;
    readonly why: string;
  }[];
  readonly configFiles: readonly SideFile[];
  readonly warnings: readonly Warning[];
  readonly trackerCheck: TrackerCheck;
}
