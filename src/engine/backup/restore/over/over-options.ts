import type { OverChoices } from '../../../api/jobs.ts';
import type { Guid } from '../../../base/guid.ts';
import type { Warning } from '../../../api/backup.ts';

export interface OverOptions extends Omit<OverChoices, 'over'> {
  /** VM in the store whose point is restored. */
  readonly vmId: Guid;
  /** VM of the host whose disks are replaced. */
  readonly over: Guid;
}

/** Options of an undo, or of giving it up. */
export type SettleOptions = Pick<OverOptions, 'over' | 'confirm' | 'pathMap'>;

/**
 * Way of restoring a disk. `differing`: a differencing image on the old file holds the parts that
 * differ. `whole`: a new file holds the whole disk. `same`: the VM's disk has these contents already,
 * and nothing is done.
 */
export type OverWay = 'differing' | 'whole' | 'same';

/** A disk of a restore over a VM. Paths are those of the host; sizes in bytes. */
export interface OverDiskDocument {
  /** Number in the point. */
  readonly number: number;
  readonly slot: string;
  readonly way: OverWay;
  /** Why the whole disk is written; null for the other ways. */
  readonly why: string | null;
  /** File that the VM has before. */
  readonly old: string;
  /** File that it has afterwards. */
  readonly path: string;
  readonly virtualSize: number;
  /** Bytes of the disk that are written. */
  readonly writtenBytes: number;
  /** Bytes of the disk that a restore of the whole disk would write more. */
  readonly savedBytes: number;
  readonly hashRoot: string;
}

/** Document of `restore --over`, also of its plan. */
export interface OverDocument {
  readonly vm: { readonly id: string; readonly name: string };
  readonly point: string;
  /** Only planned: nothing was written. */
  readonly planned: boolean;
  readonly disks: readonly OverDiskDocument[];
  readonly savedBytes: number;
  readonly warnings: readonly Warning[];
}

/** Document of `restore --undo` and `restore --accept`. */
export interface SettledOver {
  readonly vm: string;
  readonly point: string;
  readonly outcome: 'accepted' | 'undone';
  /** Files that the VM has now, by its slots. */
  readonly disks: readonly { readonly slot: string; readonly path: string }[];
  /** Files that were removed. */
  readonly removed: readonly string[];
}
