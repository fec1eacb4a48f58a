/**
 * Where points are kept. A kind of store is a folder beside this one with an implementation, and a row in store-kinds.ts. Paths
 * are relative, `/`-separated, made of the store's own names. test/conformance/store-suite.ts says what an implementation must hold.
 *
 * - Retried by the implementation itself: what passes in seconds, such as a name that another program holds open or a
 *   connection that was cut. Whatever comes out of it is final for this call; callers repeat nothing.
 * - Permanent when a call returns, also after a loss of power, unless `durability` asks for less: each file that was created
 *   or replaced, and its name. `createAbsent` must be atomic among all writers everywhere: leases stand on it.
 * - May be lacking: the number of free bytes, sparse files and local paths (each method says what it returns then); folders
 *   (`list` may derive them from the names of files, `createFolder` then reserves a name that `list` shows).
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
 * Writing makes the folders above that are missing, as durably as the file. Files are durable where nothing else is asked for. Names of unfinished files are hidden from `list`
 * and cannot be opened. Failures of the storage itself are `source.*` errors.
 */
export interface Store {
  readonly id: Guid;
  /** For people: a folder's path or a URL. */
  readonly location: string;
  /** Names directly below `folder` ('' is the root), folders with a trailing `/`; empty where it is absent. */
  list(folder: string, signal: AbortSignal): Promise<readonly string[]>;
  /** A whole small file (at most `limit` bytes, else `store.tooLarge`), or undefined where it is absent. */
  readFile(path: string, limit: number, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Random access to a complete file. `store.missing` where it is absent. */
  openFile(path: string, signal: AbortSignal): Promise<ByteSource>;
  /** A file in parts; visible under its name only after `complete`. Refuses an existing one (`store.exists`). */
  createFile(
    path: string,
    signal: AbortSignal,
    durability?: Exclude<Durability, 'passing'>,
  ): Promise<PartWriter>;
  /** Creates a whole small file if and only if it is absent, at once; says whether it did. */
  createAbsent(
    path: string,
    bytes: Uint8Array,
    signal: AbortSignal,
    durability?: Durability,
  ): Promise<boolean>;
  /** Replaces (or creates) a whole small file at once. */
  replaceFile(
    path: string,
    bytes: Uint8Array,
    signal: AbortSignal,
    durability?: Durability,
  ): Promise<void>;
  /** Makes every name in a folder durable: of files that were written as `whole`, and of folders. */
  flush(folder: string, signal: AbortSignal): Promise<void>;
  /** Reserves a folder of its own for a new point; false where it exists. */
  createFolder(path: string, signal: AbortSignal): Promise<boolean>;
  /** Removes a file, or a folder with all in it. Absent is fine. After a loss of power a `passing` removal may be undone. */
  remove(path: string, signal: AbortSignal, durability?: 'durable' | 'passing'): Promise<void>;
  /** What interrupted writers left in `folder` and below, under temporary names. */
  leftovers(folder: string, signal: AbortSignal): Promise<readonly Leftover[]>;
  /** Removes exactly these; only if the caller knows (by the VM's lease) that their writers are gone. Absent ones are fine. */
  removeLeftovers(found: readonly Leftover[], signal: AbortSignal): Promise<void>;
  /** Bytes that still fit, or undefined where that cannot be known. */
  freeBytes(signal: AbortSignal): Promise<number | undefined>;
  /** Whether a gap in a file takes no space; false where that cannot be known. */
  hasSparseFiles(signal: AbortSignal): Promise<boolean>;
  /** The path that another program on this machine opens, or undefined for a remote store. */
  localPath(path: string): string | undefined;
}
