import type { ReasonInfo, Warning } from './backup.ts';
import type { Finding } from './host.ts';

export interface StoreInfo {
  readonly path: string;
  readonly id: string;
}

export interface StoreVm {
  readonly id: string;
  readonly name: string;
  readonly host: string | null;
  readonly points: number;
  /** The newest complete point's time. */
  readonly lastBackup: string | null;
  /** Why its ledger cannot be read; absent if it can. */
  readonly ledgerProblem?: string;
}

/** The document of `ledger repair`: what it wrote, or would write. */
export interface LedgerRepair {
  readonly vm: { readonly id: string; readonly name: string };
  readonly store: string;
  /** Path in the store. */
  readonly file: string;
  /** Why the ledger cannot be read; null if it can. */
  readonly problem: string | null;
  /** The new ledger was written. */
  readonly applied: boolean;
  /** Path in the store of the damaged file's copy. */
  readonly keptAs: string | null;
  /** Reference points that manifests name and that the ledger did not have. */
  readonly added: readonly {
    readonly id: string;
    readonly pointId: string | null;
    readonly state: string;
    readonly computerName: string | null;
  }[];
  /** On the host and named by no manifest: left alone. */
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
  /** Bytes that the tracker named as changed; null for a full, or if it is not known. */
  readonly changedBytes: number | null;
  /** Bytes that were stored, zeros not counted. */
  readonly writtenBytes: number;
  readonly disks: readonly StoreDisk[];
  readonly verified: {
    readonly ok: boolean;
    readonly time: string;
    readonly quick: boolean;
  } | null;
  /** Of a damaged one. */
  readonly problem: string | null;
  /**
   * What a look at the files shows, without reading them: files that are missing, images of another size, here (`file.*`) or in a
   * point that this one builds on (`chain.*`). Empty says that the files are there, not that they are good.
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
  /** Bytes that the tracker named as changed; null for a full, or if it is not known. */
  readonly changedBytes: number | null;
  /** Bytes that were stored, zeros not counted. */
  readonly writtenBytes: number;
}

/** The facts of a point for its report, as the manifest has them. */
export interface PointReport {
  readonly vm: { readonly id: string; readonly name: string };
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
    /** What the check of each disk rules out; null if it was not recorded. */
    readonly disks:
      | readonly {
          readonly slot: string;
          /** Unchanged cells of 1 MiB that hold data, from which the checked ones were drawn. */
          readonly candidateCells: number;
          readonly checkedCells: number;
          /** So many wrong cells, or more, would have shown with this confidence. */
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

/** Where a store is, with what opens it. Never kept: a job carries it as it carries its host. */
export interface StoreTarget {
  /** A path or a URL. */
  readonly location: string;
  /** By the names that the kind of store gives them; empty for a folder. */
  readonly secrets: Readonly<Record<string, string>>;
}
