import type { Range } from '../../base/range.ts';

/**
 * What a part of a virtual disk is:
 * `data` is stored in the layer at `depth` (0 the image itself, 1 its parent …);
 * `zero` reads as zeros because that layer says so (ZERO, UNMAPPED, UNDEFINED);
 * `hole` is unallocated in every layer, or lies behind a parent's end, and reads as zeros.
 */
export interface Extent {
  readonly start: number;
  readonly length: number;
  readonly kind: 'data' | 'zero' | 'hole';
  readonly depth: number;
  /** Where the data lies in its layer's file; only for `data`. */
  readonly offset?: number;
}

/** An opened disk image, or chain of images, as the guest sees it. Half-open ranges of virtual bytes. */
export interface VirtualDisk {
  /** The path or name of the image that was opened. */
  readonly name: string;
  readonly size: number;
  readonly logicalSectorSize: number;
  /** Ordered, gapless extents that cover `within` exactly; adjacent equal ones merged. Streams: never the whole BAT. */
  extents(within: Range, signal: AbortSignal): AsyncIterable<Extent>;
  /** Fills `into` from `offset`; throws `disk.range` past the end. */
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
