import type { Guid } from '../../base/guid.ts';
import type { CallWatch } from './call-watch.ts';

/** A row of settings as a point keeps it: the values as text. */
export interface KeptRow {
  readonly className: string;
  readonly properties: Readonly<Record<string, string | readonly string[] | null>>;
}

/** A disk of a new VM: its place, as the point recorded it, and its file on the host. */
export interface PlacedDisk {
  readonly locationId: string;
  readonly path: string;
}

export interface SystemState {
  /** `gone`: the host lists neither a VM nor a planned one with the ID. */
  readonly state: 'planned' | 'stopped' | 'started' | 'gone';
}

/** System that a job made; `unknown`: the host no longer knows the job. */
export type SystemOfJob =
  | { readonly state: 'running' | 'unknown' }
  | { readonly state: 'ended'; readonly id: Guid | undefined };

/**
 * Switches of the host by the names that were kept; one that is missing: the switch of the same
 * name; null, or no map: the adapters stay disconnected.
 */
export type SwitchMap = ReadonlyMap<string, string | null>;

/** The settings of a VM that is defined anew. */
export interface SystemDefinition {
  readonly system: KeptRow['properties'];
  readonly rows: readonly KeptRow[];
  readonly disks: readonly PlacedDisk[];
  /** Devices of generation 2 in the order of the boot: InstanceIDs that were kept, after the owner's. */
  readonly bootOrder: readonly string[];
  readonly switches: SwitchMap | undefined;
}

/** A host on which VMs are made. Paths are those of the host. */
export interface SystemHost {
  /** Returns the names of the host's Ethernet switches. */
  switchNames(signal: AbortSignal): Promise<readonly string[]>;
  /** Returns the IDs of the planned VMs, or of the VMs, with a name. */
  systemsNamed(planned: boolean, name: string, signal: AbortSignal): Promise<readonly Guid[]>;
  /** Makes a planned VM of a `.vmcx` with a new ID. `name`: of the VM in the file. */
  importSystem(
    from: { readonly file: string; readonly name: string; readonly existing: readonly string[] },
    signal: AbortSignal,
    watch: CallWatch,
  ): Promise<Guid>;
  /** Defines a VM without disks and adapters. */
  defineSystem(
    vm: { readonly name: string; readonly generation: number; readonly folder: string },
    existing: readonly string[],
    signal: AbortSignal,
    watch: CallWatch,
  ): Promise<Guid>;
  /** Gives a defined VM its settings and hardware; returns why its boot order was not set. */
  buildSystem(
    id: Guid,
    definition: SystemDefinition,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /** Sets the files of a planned VM's disks and removes the others; returns the slots of those. */
  setDisks(id: Guid, disks: readonly PlacedDisk[], signal: AbortSignal): Promise<readonly string[]>;
  /** Sets the name and the folders of a planned VM. */
  nameSystem(id: Guid, name: string, folder: string, signal: AbortSignal): Promise<void>;
  /** Connects the adapters of a planned VM. */
  setNetworks(id: Guid, switches: SwitchMap | undefined, signal: AbortSignal): Promise<void>;
  /** Returns the host's findings about a planned VM. */
  validate(id: Guid, signal: AbortSignal): Promise<readonly string[]>;
  realize(id: Guid, signal: AbortSignal): Promise<void>;
  /** Returns the files of a VM's virtual hard disks, by their places. */
  diskPaths(id: Guid, signal: AbortSignal): Promise<readonly PlacedDisk[]>;
  /** Sets the files of a VM's disks by one call. The VM is off and has no checkpoints. */
  attachDisks(disks: readonly PlacedDisk[], signal: AbortSignal, watch?: CallWatch): Promise<void>;
  systemState(id: Guid, signal: AbortSignal): Promise<SystemState>;
  /** @param planned whether the job made a planned VM */
  systemOfJob(job: string, planned: boolean, signal: AbortSignal): Promise<SystemOfJob>;
  /** Destroys a VM or a planned VM; its disks stay. */
  destroySystem(id: Guid, signal: AbortSignal): Promise<void>;
  startSystem(id: Guid, signal: AbortSignal): Promise<void>;
}
