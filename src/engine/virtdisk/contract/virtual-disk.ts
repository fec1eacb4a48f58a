/**
 * The interface of Windows' virtual disk API, as the layers above see it: no koffi and no type of C
 * in it. `virtdisk/open-virtual-disk.ts` opens images, `virtdisk/create-virtual-disk.ts` makes new
 * ones. Microsoft's limits: works only on the host itself, not for shared disks (VHD Sets), and all
 * ranges are offsets of the virtual disk.
 *
 * Errors are `virtdisk.*`. Their data has `call` (name of the Windows function), `path`, and, if
 * Windows answered with an error, `number` (u32), `hex` (`0xC03A002A`) and `name`
 * (`ERROR_VHD_CHANGE_TRACKING_DISABLED`). Those that begin with `virtdisk.tracking.` make a disk a
 * full backup.
 */
import type { WindowsDiskInformation, WindowsTracking } from '../../api/windows/windows-disk.ts';
import type { Range, StartLength } from '../../base/range.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import type { DiskSetting } from './disk-setting.ts';

/** Access to an image. `information` reads metadata only; `read` also queries changes and attaches. */
export type OpenFor = 'information' | 'read' | 'write';

export interface OpenImage {
  /** Absolute path of Windows. */
  readonly path: string;
  readonly access: OpenFor;
  /** Leaves the parents closed, for links to parents that are broken. False if absent. */
  readonly withoutParents?: boolean;
}

/** Opens an image. Throws `virtdisk.missing`, `virtdisk.tooOld`, or what Windows answers. */
export type OpenVirtualDisk = (image: OpenImage, signal: AbortSignal) => Promise<VirtualDiskHandle>;

/** One answer of QueryChangesVirtualDisk, as the driver gave it. */
export interface DriverChanges {
  /** Bytes from the start of the query that `ranges` describe. */
  readonly processed: number;
  /** Bytes of the virtual disk, in the driver's order. */
  readonly ranges: readonly StartLength[];
}

/** One batch of changes, checked: in order, without overlap, within the disk. */
export interface ChangeBatch {
  /** The part of the disk that the batch describes. Batches follow each other without gaps. */
  readonly described: Range;
  readonly ranges: readonly Range[];
}

/** An open image. Closing it cancels its calls, waits for them, detaches and closes the handle. */
export interface VirtualDiskHandle extends AsyncDisposable {
  readonly path: string;
  readonly access: OpenFor;

  /** Asks for all 15 kinds of information. A kind that Windows refuses has the error instead. */
  information(signal: AbortSignal): Promise<WindowsDiskInformation>;

  /** State of Resilient Change Tracking: evidence, never the base of an increment. */
  tracking(signal: AbortSignal): Promise<WindowsTracking>;

  /** Turns tracking on or off. Only for a file that no VM uses; needs `write`. */
  setTracking(on: boolean, signal: AbortSignal): Promise<void>;

  /** Changes one of the seven settings; needs `write`. */
  set(setting: DiskSetting, signal: AbortSignal): Promise<void>;

  /**
   * Calls QueryChangesVirtualDisk once and returns its answer as it is, for `tileChanges`, which
   * checks it. Only an answer larger than its room is refused here. Needs `read`.
   *
   * @param rctId verbatim, as the reference point has it; at most 256 characters
   */
  queryChanges(
    rctId: string,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<DriverChanges>;

  /**
   * Queries the changes of a part of the disk, or of all of it, in batches, and refuses what cannot
   * be true (`virtdisk.answer`). Needs `read`.
   */
  changes(
    rctId: string,
    within: Range | undefined,
    signal: AbortSignal,
  ): AsyncIterable<ChangeBatch>;

  /**
   * Attaches the disk read-only for reading through this handle: it appears nowhere in Windows, has
   * no drive letter, and its volumes are not mounted. Needs `read` and an elevated process. Closing
   * the source detaches the disk.
   */
  attach(signal: AbortSignal): Promise<ByteSource>;

  /**
   * Attaches the disk read-only as a disk of Windows, until the result is disposed or the process
   * ends. Needs `read` and an elevated process.
   */
  attachAsDisk(as: VisibleDisk, signal: AbortSignal): Promise<AttachedDisk>;

  close(): Promise<void>;
}

export interface VisibleDisk {
  /** Windows mounts the volumes and gives them letters. */
  readonly letters: boolean;
}

/** A disk that Windows shows. Disposing of it detaches the disk. */
export interface AttachedDisk extends AsyncDisposable {
  /** Such as `\\.\PhysicalDrive3`. */
  readonly physicalPath: string;
  detach(): Promise<void>;
}

/** A new image. */
export interface NewVirtualDisk {
  /** Absolute path of Windows; the ending selects the format. The file must not exist. */
  readonly path: string;
  readonly format: 'vhd' | 'vhdx';
  /** In bytes; 0 with a parent. */
  readonly virtualSize: number;
  readonly fixed?: boolean;
  /** In bytes. The format's default if absent, as for the sizes of sectors. */
  readonly blockSize?: number;
  readonly sectorSize?: 512 | 4096;
  readonly physicalSectorSize?: 512 | 4096;
  /** Makes a differencing disk. */
  readonly parentPath?: string;
}

/** Called about once a second with the part that is done, from 0 to 1. */
export type OnProgress = (done: number) => void;
