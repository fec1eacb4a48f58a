import type { Range } from '../../../base/range.ts';

/** A part of an export, with the state that `base:allocation` reports. */
export interface BlockExtent {
  readonly start: number;
  readonly length: number;
  /** `hole` and `zero` read as zeros; a `hole` takes no room at the server. */
  readonly kind: 'data' | 'zero' | 'hole';
}

/**
 * A read-only disk as NBD sees it: what a server exports, and what a client offers of a server's
 * export. Ranges are half-open, in bytes.
 */
export interface BlockExport {
  readonly size: number;
  /** Yields ordered, gapless extents that cover `within`, which lies inside of the export. */
  extents(within: Range, signal: AbortSignal): AsyncIterable<BlockExtent>;
  /** Fills `into` from `offset`; the range lies inside of the export. */
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
}
