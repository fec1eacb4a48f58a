import type { EngineError } from '../../base/errors.ts';
import type { Range } from '../../base/range.ts';
import type { BorrowedFile } from '../../source/byte-source.ts';
import type { Subformat, UserItem } from './image-writer.ts';

/**
 * State of a part of the disk in one layer alone; `transparent` leaves it to the parent, if there
 * is one.
 */
export interface LayerExtent {
  readonly start: number;
  readonly end: number;
  readonly kind: 'data' | 'zero' | 'transparent';
  /**
   * Offset of the data in this layer's file; -1 for the other kinds, and for data that the file
   * does not hold byte by byte (compressed).
   */
  readonly offset: number;
}

/** A part of the disk whose state in this layer cannot be read. */
export interface LostExtent {
  readonly start: number;
  readonly end: number;
  readonly kind: 'lost';
  readonly error: EngineError;
}

/** Properties of a parent that its child compares with those that it recorded. */
export interface ImageIdentity {
  /** Path or name of the file. */
  readonly name: string;
  /** Name of the format's row in `formats.ts`. */
  readonly format: string;
  /** Identity that a child of this image records, as text; undefined if the format does not store it. */
  readonly identity: string | undefined;
}

/** Values of a differencing image that name its parent. */
export interface ParentLink {
  /** Paths as the image holds them, the one to try first at the start; data of a stranger. */
  readonly relativePath: string | undefined;
  readonly absolutePath: string | undefined;
  readonly volumePath: string | undefined;
  /** Format of the parent, if the image states it; its contents decide otherwise. */
  readonly format?: string | undefined;
  /**
   * Whether only the relative path leads to the parent: the image records no identity, so a file of
   * that name elsewhere cannot be told from it.
   */
  readonly exact?: boolean | undefined;
  /** Whether the parent holds the contents of this image, so that it changes with them. */
  readonly holds?: boolean | undefined;
  /**
   * Compares the identity that the child recorded with a file that was found: undefined if it is
   * the parent, else the error `disk.parent.mismatch`, also for a format that cannot be the parent.
   * A format that records no identity accepts every image.
   */
  mismatch(parent: ImageIdentity): EngineError | undefined;
}

/**
 * One opened image file of any format, read-only and without its parent: what a chain and the tools
 * need to know about it. Ranges are half-open, in bytes of the virtual disk.
 */
export interface DiskImage extends ImageIdentity {
  /** Virtual size in bytes, a multiple of the logical sector size. */
  readonly size: number;
  readonly fileSize: number;
  readonly logicalSectorSize: number;
  /** This and the next ones: undefined if the format does not store it. */
  readonly physicalSectorSize?: number | undefined;
  readonly subformat?: Subformat | undefined;
  /** Bytes per block or cluster. */
  readonly blockSize?: number | undefined;
  /** Identity of the virtual disk, equal along a chain. */
  readonly diskId?: string | undefined;
  /** `dirty`: a log holds changes, which were replayed in memory or ignored on request. */
  readonly log?: 'clean' | 'dirty' | undefined;
  readonly parent: ParentLink | undefined;
  /** False: holes of the file, which the file system does not report, count as data. */
  readonly knowsHoles?: boolean | undefined;

  /** Returns the extents of a short range (a few blocks), through the cache. */
  extentsOf(within: Range, signal: AbortSignal): Promise<readonly LayerExtent[]>;

  /**
   * Yields the extents of several ranges inside the disk, which must be ordered and disjoint, in
   * batches; adjacent equal ones are merged within a batch. Reads each table once. Throws at a
   * defect only if it concerns one of the ranges: a child may hide it.
   * @param own leaves out extents that this layer leaves to its parent, where that saves work: in a
   * deep chain they are many times as many as its own. Parts without an extent are transparent then.
   */
  extentsIn(
    ranges: readonly Range[],
    signal: AbortSignal,
    own?: boolean,
  ): AsyncIterable<readonly LayerExtent[]>;

  /** Works as {@link extentsIn}, but yields unreadable parts as lost instead of throwing. */
  surveyedIn(
    ranges: readonly Range[],
    signal: AbortSignal,
    own?: boolean,
  ): AsyncIterable<readonly (LayerExtent | LostExtent)[]>;

  /**
   * Reads bytes of one data extent of this layer.
   * @param start offset in the virtual disk
   * @param offset offset in the file that belongs to `start`; or -1, as in the extent
   */
  readData(start: number, offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;

  /**
   * Whether the file was written to since the image was opened, as far as the format records it.
   * Absent if it records nothing.
   */
  hasChanged?(signal: AbortSignal): Promise<boolean>;

  /** Returns the items of other programs that a copy keeps; absent if the format lacks them. */
  userItems?(signal: AbortSignal): Promise<readonly UserItem[]>;

  /**
   * Lends the open file if the data of every extent lies in it byte by byte at its offset;
   * undefined, or absent, otherwise.
   */
  borrow?(): BorrowedFile | undefined;

  close(): Promise<void>;
}
