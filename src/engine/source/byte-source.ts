import type { Range } from '../base/range.ts';

/**
 * Bytes at offsets. Everything readable is a ByteSource, and adapters stack: slice, cache, count,
 * fault. Offsets are bytes from the start. `read` fills `into` completely or throws; reading beyond
 * `size` throws `source.range`. Reads may overlap in time; callers need no locks.
 */
export interface ByteSource {
  /** Path or description, for messages. */
  readonly name: string;
  readonly size: number;
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
  /**
   * Returns the lookup of data in the underlying file; undefined, or absent, if holes are not
   * known. Not for files that are being written.
   */
  holes?(): DataAfter | undefined;
  /**
   * Returns the bytes themselves if the source is an immutable part of memory; absent otherwise.
   * Callers must not change them.
   */
  view?(offset: number, length: number): Uint8Array;
  /**
   * Fills `into` without waiting, or returns false: `read` does it then, or tells what is wrong. For
   * tables that are read in a hundred thousand small parts, each cheaper than a promise. Absent if
   * the source has to wait.
   */
  readNow?(offset: number, into: Uint8Array): boolean;
  /**
   * Lends the open file if its bytes are the bytes of the source, at the same offsets; undefined, or
   * absent, otherwise. Closing the source waits until it is returned.
   */
  borrow?(): BorrowedFile | undefined;
}

/** An open file, lent to code that reads it outside of Node. */
export interface BorrowedFile {
  readonly fd: number;
  readonly name: string;
  /** Reading it never waits for a network. */
  readonly local: boolean;
  /** Returns the file. The descriptor must not be used afterwards. */
  release(): void;
}

/**
 * Returns the first part with data that ends behind an offset; undefined if only a hole remains.
 * Holes read as zeros.
 */
export type DataAfter = (from: number) => Range | undefined;

/** A source that can be changed in place (the lab's disks). `size` follows writes and `resize`. */
export interface ByteStorage extends ByteSource {
  write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Extends with zeros, or truncates. */
  resize(size: number, signal: AbortSignal): Promise<void>;
  /** Returns when all bytes written so far survive a loss of power. */
  flush(signal: AbortSignal): Promise<void>;
}

/**
 * A file under construction: parts are written at offsets, each once, in any order. The file does
 * not exist under its name until `complete` returns; `abandon` leaves nothing behind. Gaps read as
 * zeros.
 */
export interface PartWriter {
  readonly name: string;
  write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Sets the size, makes the bytes durable and gives the file its name. */
  complete(size: number, signal: AbortSignal): Promise<void>;
  abandon(): Promise<void>;
  /**
   * Lends the open file for writes outside of Node; undefined, or absent, if that is not possible.
   * `complete` and `abandon` wait until it is returned.
   */
  borrow?(): BorrowedPart | undefined;
}

/** An open file under construction, lent to code that writes it outside of Node. */
export interface BorrowedPart {
  readonly fd: number;
  readonly name: string;
  /** Returns the file. `end`: offset behind the last byte that was written. */
  release(end: number): void;
}
