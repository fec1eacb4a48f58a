import type { Guid } from '../base/guid.ts';

/** One shadow copy of one volume. */
export interface ShadowCopy {
  readonly id: Guid;
  /** Null if the source does not name the set. */
  readonly set: Guid | null;
  /** Name that a diskshadow script gave it; null without one. */
  readonly alias: string | null;
  /** Name of the volume, `\\?\Volume{GUID}\`; null if the source does not name it. */
  readonly volume: string | null;
  /** Device of the copy, `\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopyN`; null if not named. */
  readonly device: string | null;
  /** No writer took part: files of running VMs in it are not consistent. */
  readonly noWriters: boolean;
  /** It stays after its maker has ended, until somebody deletes it. */
  readonly persistent: boolean;
}

/** ID of the Hyper-V writer. */
export const HYPERV_WRITER = '66841cd4-6ded-4f4b-8f17-fd23f8ddc3de' as Guid;

/** Files that a component needs or leaves out (IVssWMFiledesc). */
export interface FileList {
  /** Folder on the host, as the writer gave it. */
  readonly path: string;
  /** File name or pattern; `*` is every file. */
  readonly spec: string;
  readonly recursive: boolean;
}

/** A component of a writer. That of the Hyper-V writer is a VM. */
export interface VssComponent {
  /** GUID of the VM in upper case; `Host Component` is not one. */
  readonly name: string;
  /** Null if the writer gave none. */
  readonly logicalPath: string | null;
  /** Hint whether the VM will be saved; in the language of the writer. */
  readonly caption: string;
  readonly files: readonly FileList[];
}

/** Metadata of a writer. */
export interface WriterMetadata {
  readonly writer: Guid;
  readonly instance: Guid;
  readonly name: string;
  readonly components: readonly VssComponent[];
  /** Files that no component wants to have copied. */
  readonly excludes: readonly FileList[];
}

/** Documents that a restore with the writer needs, as XML. */
export interface VssDocuments {
  /** Backup components document (SaveAsXML). */
  readonly components: string;
  /** Metadata of the Hyper-V writer. */
  readonly writer: string;
}

/** State of a writer after a step of a backup (VSS_WRITER_STATE). */
export interface WriterStatus {
  readonly name: string;
  readonly writer: Guid | null;
  readonly instance: Guid | null;
  /** Number of the state: 1 stable, 5 waiting for the end of the backup, 6 to 15 failed. */
  readonly state: number;
  /** Name of the state as VSS has it; null if the source does not name it. */
  readonly stateName: string | null;
  /** HRESULT of its failure; 0 if it has not failed. */
  readonly failure: number;
}

/** States in which a writer may stand after the snapshot: stable, or waiting for the end. */
const GOOD_STATES = [1, 5];

/** Whether a writer has failed, or stands in a state in which its data is not frozen. */
export const hasFailed = ({ state, failure }: WriterStatus): boolean =>
  failure !== 0 || !GOOD_STATES.includes(state);
