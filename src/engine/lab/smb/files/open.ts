import type { FileHandle } from 'node:fs/promises';
import type { Guid } from '../../../base/guid.ts';
import type { FileId } from '../../../net/smb/codec/protocol/file-id.ts';
import type { SharedDiskOpen } from '../contract/shared-disk.ts';
import type { FileNode } from './file-node.ts';
import type { FolderCursor } from './folder-cursor.ts';
import type { FolderWatch } from './folder-watch.ts';

/** A handle that outlives its connection (MS-SMB2 3.3.1.10). */
export interface Durable {
  readonly createGuid: Guid;
  /** Milliseconds for which the handle waits for its client. */
  readonly timeout: number;
}

/** An open file or folder of one session (MS-SMB2 3.3.1.10). */
export interface Open {
  readonly id: FileId;
  readonly kind: 'file' | 'folder' | 'virtual';
  /** Undefined for a folder that exists only as a name. */
  readonly node: FileNode | undefined;
  /** Name as the client gave it, for information classes. */
  name: string;
  readonly access: number;
  readonly options: number;
  /** File contents; undefined for folders and for opens of attributes only. */
  readonly handle: FileHandle | undefined;
  /** Releases the claim on the share modes. */
  readonly release: () => void;
  /** Names in a folder that exists only as a name. */
  readonly entries: readonly string[];
  /** Local folder whose times such a folder has. */
  readonly standIn: string | undefined;
  deleteOnClose: boolean;
  position: bigint;
  cursor: FolderCursor | undefined;
  watch: FolderWatch | undefined;
  durable: Durable | undefined;
  /** Disk that is read and written instead of the file. */
  readonly shared?: SharedDiskOpen | undefined;
  /** Ends requests that wait on this open. */
  readonly closing: AbortController;
}
