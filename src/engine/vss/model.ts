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
