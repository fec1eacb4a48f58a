/**
 * Storage for points. A kind of store is a folder beside this one with an implementation, and a row
 * in store-kinds.ts. Paths are relative, `/`-separated, and consist of the store's own names.
 * test/conformance/store-suite.ts tests the requirements for an implementation.
 *
 * - Retries: the implementation retries failures that pass within seconds, such as a name that
 *   another program holds open or a lost connection. An error that it throws is final for this
 *   call; callers do not retry.
 * - Durability: when a call returns, each created or replaced file and its name survive a power
 *   loss, unless `durability` asks for less. `createAbsent` must be atomic among all writers
 *   everywhere: leases depend on it.
 * - Optional: the number of free bytes, sparse files, local paths (each method describes its return
 *   value then), and folders (`list` may derive them from file names, `createFolder` then reserves
 *   a name that `list` shows).
 */
import type { Guid } from '../../../base/guid.ts';
import type { Durability } from '../../../source/platform/durability.ts';
import type { ByteSource, PartWriter } from '../../../source/byte-source.ts';

/** A temporary file of a writer that did not finish. */
export interface Leftover {
  readonly path: string;
  readonly bytes: number;
}

/**
 * A store. Writing creates missing parent folders, as durable as the file. Files are durable by
 * default. Names of unfinished files are hidden from `list` and cannot be opened. Failures of the
 * storage itself are `source.*` errors.
 */
export interface Store {
  readonly id: Guid;
  /** Location for display: a folder's path or a URL. */
  readonly location: string;
  /**
   * Lists the names directly in `folder` ('' is the root), folders with a trailing `/`; empty if it
   * is missing.
   */
  list(folder: string, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Reads a whole small file; undefined if it is missing. Throws `store.tooLarge` if it has more
   * than `limit` bytes.
   */
  readFile(path: string, limit: number, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Opens a complete file for random access. Throws `store.missing` if it does not exist. */
  openFile(path: string, signal: AbortSignal): Promise<ByteSource>;
  /**
   * Creates a file in parts; it gets its name only at `complete`. Throws `store.exists` if the file
   * exists.
   */
  createFile(
    path: string,
    signal: AbortSignal,
    durability?: Exclude<Durability, 'passing'>,
  ): Promise<PartWriter>;
  /** Creates a whole small file atomically if and only if it is absent; returns whether it did. */
  createAbsent(
    path: string,
    bytes: Uint8Array,
    signal: AbortSignal,
    durability?: Durability,
  ): Promise<boolean>;
  /** Replaces (or creates) a whole small file atomically. */
  replaceFile(
    path: string,
    bytes: Uint8Array,
    signal: AbortSignal,
    durability?: Durability,
  ): Promise<void>;
  /**
   * Makes every name in a folder durable: of files that were written as `whole`, and of folders.
   */
  flush(folder: string, signal: AbortSignal): Promise<void>;
  /**
   * Reserves a folder for a new point; false if it exists. Its name is durable with the next durable
   * file or flush of the folder around it: the ledger, which is written there before each step on
   * the host. The folder of a VM is durable at once.
   */
  createFolder(path: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Removes a file, or a folder with its contents. Succeeds if it is missing. A power loss may undo
   * a `passing` removal.
   */
  remove(path: string, signal: AbortSignal, durability?: 'durable' | 'passing'): Promise<void>;
  /** Lists temporary files of interrupted writers in `folder` and below. */
  leftovers(folder: string, signal: AbortSignal): Promise<readonly Leftover[]>;
  /**
   * Removes exactly these files. Call it only if the VM's lease proves that their writers are gone.
   * Ignores missing files.
   */
  removeLeftovers(found: readonly Leftover[], signal: AbortSignal): Promise<void>;
  /** Returns the free bytes, or undefined if unknown. */
  freeBytes(signal: AbortSignal): Promise<number | undefined>;
  /** Whether a gap in a file takes no space; false if unknown. */
  hasSparseFiles(signal: AbortSignal): Promise<boolean>;
  /**
   * Returns the path under which another program on this machine can open a file, or undefined for
   * a remote store.
   */
  localPath(path: string): string | undefined;
}
