import type { ReasonInfo, Warning } from '../../api/backup.ts';
import type { Guid } from '../../base/guid.ts';
import type { Consistency } from '../host/host.ts';

/**
 * `point.chain.json`, the record of one backup point: written last, read first. A point without it
 * is partial. point.schema.json documents it; FORMAT.md describes its place in the store.
 */
export const MANIFEST_VERSION = 2;

/** Version of the points of a group, which programs that know no groups refuse. */
export const GROUP_MANIFEST_VERSION = 3;

/**
 * Versions that can be read. Version 1 has no checksum and no optional fields; these read as null.
 */
export type ManifestVersion = 1 | typeof MANIFEST_VERSION | typeof GROUP_MANIFEST_VERSION;

/** Facts of a point of a group. */
export interface GroupFacts {
  /** The VMs that the group had. */
  readonly members: readonly { readonly id: Guid; readonly name: string }[];
}

export type BackupKind = 'full' | 'incr';

export type Reason = ReasonInfo;

/** A small file of the point beside the disk images, by its name relative to the point's folder. */
export interface SideFile {
  readonly file: string;
  readonly size: number;
  /** SHA-256 of its bytes, lower-case hexadecimal. */
  readonly sha256: string;
}

export interface DiskRecord {
  /**
   * Number of the disk in `vm show` at that moment. It changes when disks are added or removed, so
   * chains follow the slot.
   */
  readonly number: number;
  readonly name: string;
  readonly slot: string;
  /** Location of the disk, as the host's reference points identify it. */
  readonly locationId: string;
  /** The image that was read, in the host's spelling. */
  readonly path: string;
  /** The image in this point's folder. */
  readonly file: string;
  readonly kind: BackupKind;
  readonly reason: Reason;
  /** The point whose image is the parent of this image; null for a full. */
  readonly parentPoint: string | null;
  readonly virtualSize: number;
  readonly logicalSectorSize: number;
  /** Physical sector size of the source disk in bytes; null if unknown. */
  readonly physicalSectorSize: number | null;
  /** Block size of our image in bytes; null if unknown. */
  readonly blockSize: number | null;
  readonly virtualDiskId: Guid | null;
  /** Data write GUID of our image, which a child's parent locator contains as the linkage. */
  readonly dataWriteGuid: Guid;
  /** RCT ID from which the next incremental queries changes; null if the host gave none. */
  readonly rctId: string | null;
  /** Bytes that one leaf of the hash tree covers (hash-format.ts). */
  readonly hashUnit: number;
  /** Root of the hash tree over the whole disk at this point, lower-case hexadecimal. */
  readonly hashRoot: string;
  readonly fileSize: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Bytes that the tracker reported as changed; null for a full, or if unknown. */
  readonly changedBytes: number | null;
  readonly hashesFile: SideFile;
  readonly changesFile: SideFile | null;
  /** Members of the group that have the disk; absent in a point of one VM. */
  readonly holders?: readonly { readonly id: Guid }[];
  /** Read method of this disk; absent in a point of one VM. */
  readonly method?: string;
}

export interface PointReference {
  /** The host's InstanceID, opaque, verbatim. */
  readonly id: string;
  readonly disks: readonly { readonly locationId: string; readonly rctId: string }[];
}

/** Result of reading unchanged parts again. A point with mismatches is never committed. */
export interface TrackerCheck {
  readonly mode: 'off' | 'sample' | 'full';
  readonly checkedBytes: number;
  /** Result for each disk; null if not recorded. */
  readonly disks: readonly DiskCheck[] | null;
}

/** Result of reading unchanged cells of one disk again. */
export interface DiskCheck {
  readonly slot: string;
  /** Unchanged cells with data, from which the sample was drawn. */
  readonly candidateCells: number;
  readonly checkedCells: number;
  /** This number of wrong cells, or more, would have been detected with this confidence. */
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
    /** The checkpoint that the VM was last reverted to, as the host names it; null if unknown. */
    readonly lastAppliedSnapshot: string | null;
  };
  /** The subject is a group, whose ID and name are in `vm`; absent in a point of one VM. */
  readonly group?: GroupFacts;
  /** The host's URL, without credentials. */
  readonly host: string;
  /** The name that the host reports in its own row of Msvm_ComputerSystem; null if unknown. */
  readonly computerName: string | null;
  readonly kind: BackupKind;
  readonly reason: Reason;
  /**
   * ISO 8601 UTC. `created`: when the checkpoint was requested. `finished`: when this file was
   * written.
   */
  readonly created: string;
  readonly finished: string;
  /**
   * `default` falls back to crash consistency, with a warning, if application consistency is not
   * possible.
   */
  readonly consistency: {
    readonly asked: Consistency | 'default';
    readonly achieved: Consistency | 'unknown';
  };
  /** `export`, `file` … */
  readonly method: string;
  /** The shadow copy set in which the disks were read; absent with other methods. */
  readonly shadowSet?: Guid;
  /** Why this read method was chosen, with the findings about the others; null if not recorded. */
  readonly methodReason: Reason | null;
  readonly parent: string | null;
  readonly referencePoint: PointReference | null;
  readonly disks: readonly DiskRecord[];
  /** Disks of the VM that this point does not contain, and why. */
  readonly excluded: readonly {
    readonly slot: string;
    readonly path: string;
    readonly why: string;
  }[];
  readonly configFiles: readonly SideFile[];
  readonly warnings: readonly Warning[];
  readonly trackerCheck: TrackerCheck;
}
