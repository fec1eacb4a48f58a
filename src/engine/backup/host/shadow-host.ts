import type { EngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import type { VssRequestor } from '../../vss/requestor.ts';
import type { HostShadows } from '../../vss/wmi/list-shadows.ts';
import type { DiskshadowLog } from '../../vss/diskshadow/read-log.ts';

/** A VM of the host, and where its files lie. */
export interface VmPlaces {
  readonly id: Guid;
  readonly name: string;
  /** Its guest writes: it would be frozen, or saved. */
  readonly running: boolean;
  /** The guest cannot freeze its disks, so that the VM is saved and resumed. */
  readonly willBeSaved: boolean;
  /** Paths of its disks, of their parents, and of its configuration. */
  readonly paths: readonly string[];
}

/** A folder of the host in which a volume is mounted: the root of a drive, or a mounted folder. */
export interface MountFolder {
  readonly folder: string;
  /** `\\?\Volume{GUID}\` */
  readonly volume: string;
}

/** Makes and lists shadow copies on a host. */
export interface ShadowHost {
  /** Returns a name for a new job's folder. */
  newFolder(): string;
  list(signal: AbortSignal): Promise<HostShadows>;
  mounts(signal: AbortSignal): Promise<readonly MountFolder[]>;
  /** Returns every VM of the host with its places. */
  places(signal: AbortSignal): Promise<readonly VmPlaces[]>;
  /** Whether a set freezes only the VMs that are named: our own requestor selects them. */
  selects(signal: AbortSignal): Promise<boolean>;
  /**
   * Returns the folder of the host below which diskshadow will mount the copies of a set; null if the host does not
   * say.
   */
  mountedBelow(signal: AbortSignal): Promise<string | null>;
  /** Returns why nothing can make a set now, such as missing rights; undefined if nothing is known. */
  obstacle(signal: AbortSignal): Promise<EngineError | undefined>;
  /**
   * Returns a requestor for one set: our own on the host itself, if the process is elevated, else that
   * of diskshadow. Makes nothing on the host.
   *
   * @param folder name of the job's folder
   */
  requestor(folder: string, signal: AbortSignal): Promise<VssRequestor>;
  /** Reads the log of a job's folder; undefined if the host has no such folder. */
  look(folder: string, signal: AbortSignal): Promise<DiskshadowLog | null | undefined>;
  /** Removes a set, or nothing, and the job's folder; what is gone is skipped. */
  remove(folder: string, set: Guid | null, signal: AbortSignal): Promise<void>;
}
