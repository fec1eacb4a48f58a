import type { Guid } from '../base/guid.ts';
import type {
  ShadowCopy,
  VssComponent,
  VssDocuments,
  WriterMetadata,
  WriterStatus,
} from './model.ts';

/**
 * A requestor of VSS: makes one shadow copy set in which the Hyper-V writer took part, reports the
 * outcome, and removes the set. Our own requestor runs on the host (vssapi.dll); that of diskshadow
 * runs through PowerShell, on the host or from afar. One object makes one set, in this order:
 *
 *     metadata → begin → create → (report …) → complete → close
 *
 * A failed or cancelled step leaves nothing but {@link abort} and {@link close}. Every step fires
 * within two seconds on its signal, checks the writer's status after it where the requestor can ask
 * for it, and throws `vss.*` with `{step, hresult, name, writer, state}` as data; `hresult` is null
 * if the requestor was not given one.
 */
export interface VssRequestor {
  readonly kind: 'vssapi' | 'diskshadow';
  /** Selects single components; otherwise every VM with a file on the volumes takes part. */
  readonly selects: boolean;
  /**
   * Returns the components of the Hyper-V writer with their files (GatherWriterMetadata); null if the
   * requestor cannot read them independent of the host's language.
   */
  metadata(signal: AbortSignal): Promise<WriterMetadata | null>;
  /**
   * Starts a set: selects the components of the VMs, adds the volumes and prepares the writer.
   * diskshadow does all this in {@link create}. Throws `vss.component` if the writer lacks a VM; `vms` in its
   * data are those.
   */
  begin(order: SetOrder, signal: AbortSignal): Promise<void>;
  /** Makes the shadow copies, and returns them with the state of the writer (1 or 5, failure 0). */
  create(signal: AbortSignal): Promise<ShadowSet>;
  /** Records whether the files of a VM were copied (SetBackupSucceeded); diskshadow has no such call. */
  report(vm: Guid, succeeded: boolean, signal: AbortSignal): Promise<void>;
  /** Returns the documents that a restore with the writer needs; null if the requestor does not have any. */
  documents(signal: AbortSignal): Promise<VssDocuments | null>;
  /** Tells the writer that the backup is complete; diskshadow did that before the copying. */
  complete(signal: AbortSignal): Promise<void>;
  /** Ends a set that failed (AbortBackup): the writer returns the VMs to normal. Never throws. */
  abort(): Promise<void>;
  /**
   * Removes exactly this set from the host, and what the requestor made for it. Throws if that
   * failed, or if `signal` fired first; a later {@link close} or the recovery repeats it. After a cancelled
   * {@link create}, diskshadow may run on: `vss.busy` until its log names its set.
   */
  close(signal: AbortSignal): Promise<void>;
}

/** A set that is wanted. */
export interface SetOrder {
  /** GUIDs of the VMs, which are the names of their components. */
  readonly vms: readonly Guid[];
  /** `\\?\Volume{GUID}\` of every volume on which a file of theirs lies; each once. */
  readonly volumes: readonly string[];
  /** Called with the id of the set as soon as it is known. */
  readonly onSet?: (set: Guid) => Promise<void>;
}

/** A shadow copy set that was made. */
export interface ShadowSet {
  readonly id: Guid;
  readonly shadows: readonly PlacedShadow[];
  readonly writers: readonly WriterStatus[];
  /** Components that took part; null if the requestor does not know. */
  readonly components: readonly VssComponent[] | null;
  /**
   * Path on the host of the archive with the documents of the backup, which diskshadow writes beside its
   * script; null without one.
   */
  readonly archive: string | null;
}

/** A shadow copy, and the folder below which its files are read. */
export interface PlacedShadow extends ShadowCopy {
  readonly volume: string;
  readonly device: string;
  /**
   * Path on the host that stands for the root of the volume, without a backslash at its end: the device,
   * or the folder in which the copy is mounted.
   */
  readonly root: string;
}
