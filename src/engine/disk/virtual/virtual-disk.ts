import type { Range } from '../../base/range.ts';
import type { BorrowedFile } from '../../source/byte-source.ts';

/**
 * State of a part of a virtual disk: `data` is stored in the layer at `depth` (0 the image itself,
 * 1 its parent …); `zero` reads as zeros because that layer marks it so (ZERO, UNMAPPED,
 * UNDEFINED); `hole` is unallocated in every layer, or lies behind a parent's end, and reads as
 * zeros.
 */
export interface Extent {
  readonly start: number;
  readonly length: number;
  readonly kind: 'data' | 'zero' | 'hole';
  readonly depth: number;
  /** Offset of the data in its layer's file; only for `data`, and not if it is compressed there. */
  readonly offset?: number;
}

/** A range of a disk whose places in the files are known, so that a read asks for data only. */
export interface LocatedRange {
  /** Maximum number of requests that a read has in flight; 0 if the range is zeros. */
  readonly requests: number;
  /** Fills `into` with the whole range. */
  read(into: Uint8Array, signal: AbortSignal): Promise<void>;
}

/**
 * An opened disk image, or chain of images, as the guest sees it. Ranges are half-open, in bytes of
 * the virtual disk.
 */
export interface VirtualDisk {
  /** Path or name of the opened image. */
  readonly name: string;
  readonly size: number;
  readonly logicalSectorSize: number;
  /**
   * Yields ordered, gapless extents that cover `within` exactly; adjacent equal ones are merged.
   * Streams, so the whole BAT is never in memory.
   */
  extents(within: Range, signal: AbortSignal): AsyncIterable<Extent>;
  /** Fills `into` from `offset`. Throws `disk.range` past the end. */
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
  /**
   * Looks a range up in the tables of the layers without reading its data, for reads of a slow source
   * that begin later. Absent if `read` is as good. Throws as `read` does.
   */
  locate?(offset: number, length: number, signal: AbortSignal): Promise<LocatedRange>;
  close(): Promise<void>;
  /**
   * Lends the open files of the layers, by their depth, if every extent's data lies in them byte by
   * byte at `offset`; undefined, or absent, otherwise. Release each of them.
   */
  borrowFiles?(): readonly BorrowedFile[] | undefined;
}
