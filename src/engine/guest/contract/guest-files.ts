import type { FileNote, FileStream } from '../../api/guest/guest-files.ts';
import type { GuestBytes } from '../bytes/guest-bytes.ts';

/** Maximum number of entries that a folder is read for. */
export const MAX_ENTRIES = 1_000_000;

/** The files of one volume. A format is a folder of this layer, and a row in `open-files.ts`. */
export interface GuestFiles {
  /** Windows' file systems ignore case, and separate paths by `\` too. */
  readonly windows: boolean;
  root(signal: AbortSignal): Promise<GuestNode>;
}

/** A file, folder or link. Its metadata is read already, its contents are not. */
export interface GuestNode {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Identity in its volume, by which a folder that contains itself is recognised. */
  readonly id: string;
  /** Bytes of a file's contents; 0 of all else. */
  readonly size: number;
  /** Time of the last change; without `Z` if the file system keeps the guest's local time. */
  readonly modified: string | null;
  /** Path to which a link leads, as the guest wrote it; null otherwise. */
  readonly target: string | null;
  readonly notes: readonly FileNote[];
  /** Further named contents of an NTFS file. */
  readonly streams: readonly FileStream[];
  /** Yields the entries of a folder without `.` and `..`, in no order. Throws `guest.notFolder`. */
  entries(signal: AbortSignal): AsyncIterable<GuestEntry>;
  /**
   * Opens the contents of a file, or one of its streams. Throws `guest.notFile`,
   * `guest.encrypted`, `guest.unsupported`.
   */
  open(stream: string | null, signal: AbortSignal): Promise<GuestBytes>;
}

export interface GuestEntry {
  /** As the file system has it: any characters but NUL and `/`. */
  readonly name: string;
  /** Short name (8.3) that also names the file; null if there is not one. */
  readonly alias: string | null;
  node(signal: AbortSignal): Promise<GuestNode>;
}
