import type { ByteSource } from '../byte-source.ts';
import type { PathFlavour } from '../platform/path-flavour.ts';

export type FileKind = 'file' | 'folder' | 'other';

/** Facts of a file or a folder. */
export interface FileFacts {
  readonly kind: FileKind;
  /** Length in bytes; null if another program keeps the system from looking. */
  readonly size: number | null;
  /** The path ends at a symbolic link; the other facts are those of its target. */
  readonly isLink: boolean;
  /** Mark of the last change of data or facts, equal as long as nothing changed; null or absent: not known. */
  readonly changed?: string | null;
  /** Whether the account may read the data; null if only an open tells. */
  readonly readable: boolean | null;
}

export interface FileEntry {
  readonly name: string;
  /** A link is `other`. */
  readonly kind: FileKind;
}

/**
 * Files by their paths: of this machine, or of a file server. Paths are absolute, in the flavour of
 * the implementation.
 */
export interface FileAccess {
  readonly flavour: PathFlavour;
  /** Opens a file for reading. A missing one is an error too. */
  open(path: string, signal: AbortSignal): Promise<ByteSource>;
  /** Looks a file or folder up without opening its data; undefined if it does not exist. */
  stat(path: string, signal: AbortSignal): Promise<FileFacts | undefined>;
  /** Lists a folder, without order; undefined if it does not exist or is not a folder. */
  list(path: string, signal: AbortSignal): Promise<readonly FileEntry[] | undefined>;
  /**
   * Removes a file, or a folder with all that it contains; nothing if it does not exist. Of a link
   * removes the link itself.
   */
  remove(path: string, signal: AbortSignal): Promise<void>;
}
