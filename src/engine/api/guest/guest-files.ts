import type { GuestDisk } from './inspection.ts';

/** Files of a guest: a volume of a disk at a point, or of an image. Names are untrusted text. */

export type FileNote = 'compressed' | 'encrypted' | 'sparse' | 'offline';

/** A named stream of an NTFS file, besides its contents. */
export interface FileStream {
  readonly name: string;
  readonly size: number;
}

export interface GuestFile {
  readonly name: string;
  /** `other`: a device, a pipe or a socket. */
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Bytes of a file; 0 of all else. */
  readonly size: number;
  /** Time of the last change; without `Z` if the file system keeps the guest's local time. */
  readonly modified: string | null;
  /** Path to which a link leads. */
  readonly target: string | null;
  readonly notes: readonly FileNote[];
  readonly streams: readonly FileStream[];
  /** Reason why it cannot be read; null if it can. */
  readonly problem: { readonly code: string; readonly message: string } | null;
}

/** Maximum number of entries in one answer. */
export const MAX_LISTED = 1000;

export interface GuestListRequest {
  readonly disk: GuestDisk;
  /** Number of the partition, 0 for a disk without a partition table; null: the only readable one. */
  readonly volume: number | null;
  /** From the root, separated by `/`; `/` is the root. A file lists itself. */
  readonly path: string;
  readonly from: number;
  readonly count: number;
}

export interface GuestList {
  readonly volume: number;
  readonly path: string;
  /** Number of entries in the folder. */
  readonly total: number;
  /** By name, from `from` on. */
  readonly entries: readonly GuestFile[];
}

export interface GuestCopyRequest {
  readonly disk: GuestDisk;
  readonly volume: number | null;
  /** Files and folders; a folder is copied with all below it. `path:stream` names a stream. */
  readonly paths: readonly string[];
  /** Existing folder of this machine. */
  readonly to: string;
}

export interface CopiedFiles {
  readonly to: string;
  readonly files: number;
  readonly folders: number;
  /** Bytes of the copied files. */
  readonly bytes: number;
  /** Files whose names were changed to fit every platform; the first 100. */
  readonly renamed: readonly { readonly path: string; readonly as: string }[];
  /** Files that were not copied, with the reason; the first 100. */
  readonly skipped: readonly {
    readonly path: string;
    readonly code: string;
    readonly message: string;
  }[];
  /** Number of files that were not copied. */
  readonly skippedCount: number;
}
