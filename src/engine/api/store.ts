import type { ReasonInfo, Warning } from './backup.ts';
import type { Finding, Named } from './host.ts';

export interface StoreInfo {
  readonly path: string;
  readonly id: string;
}

export interface StoreVm {
  readonly id: string;
  readonly name: string;
  readonly host: string | null;
  readonly points: number;
  /** Creation time of the newest complete point. */
  readonly lastBackup: string | null;
  /** VMs that the newest complete point has; absent: the points are those of one VM, not of a group. */
  readonly members?: readonly Named[];
  /** Reason why the ledger cannot be read; absent if it can. */
  readonly ledgerProblem?: string;
  /** Restore over the disks of this VM that can be undone or accepted; absent: none. */
  readonly over?: OpenOver;
}

/** A restore over the disks of a VM that is neither accepted nor undone. Paths are those of the host. */
export interface OpenOver {
  /** VM in the store, and the point that was restored. */
  readonly vm: string;
  readonly point: string;
  readonly time: string;
  /** Address of the host. */
  readonly host: string;
  readonly disks: readonly {
    readonly slot: string;
    /** File that the VM had before, which an undo gives back. */
    readonly old: string;
    readonly path: string;
    /** The new file holds the parts that differ from the old one: an acceptance merges them. */
    readonly differing: boolean;
  }[];
}

/**
 * The document of `ledger repair`: the changes written, or, without `apply`, the changes it would
 * write.
 */
export interface LedgerRepair {
  readonly vm: { readonly id: string; readonly name: string };
  readonly store: string;
  /** Path in the store. */
  readonly file: string;
  /** Reason why the ledger cannot be read; null if it can. */
  readonly problem: string | null;
  /** The new ledger was written. */
  readonly applied: boolean;
  /** Path in the store of the copy of the damaged file. */
  readonly keptAs: string | null;
  /** Reference points that manifests name and the old ledger did not. */
  readonly added: readonly {
    readonly id: string;
    readonly pointId: string | null;
    readonly state: string;
    readonly computerName: string | null;
  }[];
  /** Reference points on the host that no manifest names; not touched. */
  readonly unclaimed: readonly {
    readonly kind: 'checkpoint' | 'referencePoint';
    readonly id: string;
  }[];
}

export interface StorePoint {
  readonly id: string;
  readonly state: 'complete' | 'partial' | 'damaged';
  readonly kind: 'full' | 'incr' | null;
  readonly created: string | null;
  readonly parent: string | null;
  readonly consistency: string | null;
  readonly reason: ReasonInfo | null;
  /** Bytes of the disk images. */
  readonly bytes: number;
  /** Bytes that the tracker reported as changed; null for a full, or if not known. */
  readonly changedBytes: number | null;
  /** Bytes stored, without zeros. */
  readonly writtenBytes: number;
  readonly disks: readonly StoreDisk[];
  readonly verified: {
    readonly ok: boolean;
    readonly time: string;
    readonly quick: boolean;
  } | null;
  /**
   * Extent of a restore: the VM from its `configuration` files, the VM from its `settings` as read
   * over WMI, or only `disks`; null if the point is not complete.
   */
  readonly restores: 'configuration' | 'settings' | 'disks' | null;
  /** Damage of a damaged point, else null. */
  readonly problem: string | null;
  /**
   * Problems visible without reading file contents: missing files and images of a wrong size, in
   * this point (`file.*`) or in a point that it builds on (`chain.*`). Empty does not prove that
   * the contents are intact.
   */
  readonly problems: readonly Finding[];
}

export interface StoreDisk {
  readonly number: number;
  readonly name: string;
  readonly slot: string;
  readonly file: string;
  /** The image's path on this machine. */
  readonly path: string;
  readonly kind: 'full' | 'incr';
  readonly virtualSize: number;
  /** Bytes of the image. */
  readonly fileSize: number;
  /** Bytes that the tracker reported as changed; null for a full, or if not known. */
  readonly changedBytes: number | null;
  /** Bytes stored, without zeros. */
  readonly writtenBytes: number;
  /** Members of the group that have the disk; absent in a point of one VM. */
  readonly holders?: readonly Named[];
  /** The members share the disk, which is in the point once; absent: it belongs to one VM. */
  readonly shared?: true;
}

/** Facts of a point for its report, from its manifest. */
export interface PointReport {
  readonly vm: { readonly id: string; readonly name: string };
  /** `vm` is a group of these VMs; absent: it is a VM. */
  readonly members?: readonly Named[];
  readonly host: string;
  readonly point: StorePoint;
  readonly finished: string;
  readonly method: string;
  readonly consistencyAsked: string;
  readonly disks: readonly (StoreDisk & {
    readonly reason: ReasonInfo;
    readonly readBytes: number;
    readonly hashRoot: string;
    readonly rctId: string | null;
    readonly hostPath: string;
    /** Read method of this disk; absent in a point of one VM, whose disks are read by one method. */
    readonly method?: string;
  })[];
  readonly excluded: readonly {
    readonly slot: string;
    readonly path: string;
    readonly why: string;
  }[];
  readonly warnings: readonly Warning[];
  readonly trackerCheck: {
    readonly mode: string;
    readonly checkedBytes: number;
    /** Errors that the check of each disk rules out; null if not recorded. */
    readonly disks:
      | readonly {
          readonly slot: string;
          /**
           * Number of unchanged cells of 1 MiB with data, from which the checked cells were
           * sampled.
           */
          readonly candidateCells: number;
          readonly checkedCells: number;
          /** This number of wrong cells, or more, would have been detected with this confidence. */
          readonly ruledOutCells: number;
          readonly confidence: number;
        }[]
      | null;
  };
  readonly verdict: {
    readonly ok: boolean;
    readonly time: string;
    readonly quick: boolean;
    readonly findings: readonly Finding[];
  } | null;
}

/**
 * Location of a store and the secrets that open it. Never stored: a job receives it in its input,
 * like its host.
 */
export interface StoreTarget {
  /** A path or a URL. */
  readonly location: string;
  /** Keyed by the names that the kind of store defines; empty for a folder. */
  readonly secrets: Readonly<Record<string, string>>;
}
