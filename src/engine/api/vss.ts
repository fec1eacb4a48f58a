import type { Warning } from './backup.ts';
import type { ErrorInfo } from './errors.ts';
import type { Named, UnreadStore } from './host.ts';

/** A volume in the plan of a shadow copy set. */
export interface PlannedVolume {
  /** `\\?\Volume{GUID}\` */
  readonly volume: string;
  /** Drive or mounted folder; null for a volume without either. */
  readonly name: string | null;
  /** Paths of the VMs that lie on it. */
  readonly paths: readonly string[];
  /** Bytes left for the differences of its shadow copies; null if the host does not say. */
  readonly room: number | null;
}

/** The document of `backup --method vss --plan`. */
export interface SetPlanDocument {
  readonly method: 'vss';
  /** `volumes`: as in `PlannedVolume.volume`. */
  readonly vms: readonly (Named & { readonly volumes: readonly string[] })[];
  readonly volumes: readonly PlannedVolume[];
  /** VMs that were not named and that are frozen, too. */
  readonly others: readonly Named[];
  /** VMs that are saved and resumed. */
  readonly saved: readonly Named[];
  /** Errors with which the run would end. */
  readonly problems: readonly ErrorInfo[];
  /** VMs that cannot be in the set. */
  readonly failed: readonly { readonly vm: Named; readonly error: ErrorInfo }[];
  readonly warnings: readonly Warning[];
}

/** A shadow copy of a host. */
export interface ShadowRow {
  readonly id: string;
  readonly set: string | null;
  /** `\\?\Volume{GUID}\`; null if the host does not say. */
  readonly volume: string | null;
  readonly device: string | null;
  /** ISO 8601; null if the host does not say. */
  readonly created: string | null;
  /** Drive, folder or share under which it is seen; null if it is not. */
  readonly exposed: string | null;
  readonly noWriters: boolean;
  readonly persistent: boolean;
  readonly clientAccessible: boolean;
  /**
   * `ours`: a ledger names its set. `unknown`: a backup of ours may be making it, it is mounted in a
   * folder of Refpoint that no ledger names, or a ledger could not be read.
   */
  readonly owner: 'ours' | 'foreign' | 'unknown';
  /** VMs whose backup made it; empty if it is not ours. */
  readonly vms: readonly Named[];
}

/** A volume of a host, with the area for the differences of its shadow copies. Sizes in bytes. */
export interface VolumeRow {
  /** `\\?\Volume{GUID}\` */
  readonly volume: string;
  /** Drive letter or folder; null for a volume without either. */
  readonly name: string | null;
  readonly fileSystem: string | null;
  readonly capacity: number | null;
  readonly free: number | null;
  /** null: without such an area. */
  readonly storage: {
    readonly used: number;
    readonly allocated: number;
    readonly max: number;
  } | null;
}

/** The document of `vss list`. */
export interface ShadowList {
  readonly shadows: readonly ShadowRow[];
  readonly volumes: readonly VolumeRow[];
  /** Absent if every ledger could be read. */
  readonly unreadStores?: readonly UnreadStore[];
}
