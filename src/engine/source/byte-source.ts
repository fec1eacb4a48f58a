import type { Range } from '../base/range.ts';

/**
 * Bytes at offsets. Everything readable is a ByteSource and adapters stack: slice, cache, count, fault.
 * Offsets are bytes from the start. `read` fills `into` completely or throws; reading beyond `size` is
 * `source.range`. Reads may overlap in time; implementations need no locking by callers.
 */
export interface ByteSource {
  /** A path or a description, for messages. */
  readonly name: string;
  readonly size: number;
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
  /** Looks for data in the file behind these bytes; undefined, or absent, where holes are not known. Never of a file that is written. */
  holes?(): DataAfter | undefined;
  /** The bytes themselves, of a source that lies in memory and never changes; absent otherwise. Not to be changed. */
  view?(offset: number, length: number): Uint8Array;
}

/** Returns the first part with data that ends behind an offset; undefined if only a hole is left. A hole reads as zeros. */
export type DataAfter = (from: number) => Range | undefined;

/** A source that can be changed in place (the lab's disks). `size` follows writes and `resize`. */
export interface ByteStorage extends ByteSource {
  write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Extends (reading as zeros) or truncates. */
  resize(size: number, signal: AbortSignal): Promise<void>;
  /** Returns when everything written so far survives a loss of power. */
  flush(signal: AbortSignal): Promise<void>;
}

/**
 * A file that is being made: parts at offsets, each written once, in any order. It does not exist
 * under its name before `complete` has returned; `abandon` leaves nothing. Gaps read as zeros.
 */
export interface PartWriter {
  readonly name: string;
  write(offset: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Fixes the size, makes the bytes durable and gives the file its name. */
  complete(size: number, signal: AbortSignal): Promise<void>;
  abandon(): Promise<void>;
}
