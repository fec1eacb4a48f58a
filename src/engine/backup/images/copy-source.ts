import type { Range } from '../../base/range.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';

/** Source of a copy; the ranges in `ranges` can be read. */
export interface CopySource {
  readonly size: number;
  readonly sector: number;
  readonly ranges: AsyncIterable<Range> | Iterable<Range>;
  /** The opened disk, if `ranges` are all of its data and `read` reads it. */
  readonly whole?: VirtualDisk | undefined;
  /** The opened disk that `read` reads, if there is one: the files of its layers may be lent. */
  readonly disk?: VirtualDisk | undefined;
  read(offset: number, into: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Looks a part up in tables before it is read, if that takes requests of its own. */
  readonly locate?: VirtualDisk['locate'] | undefined;
}

/** Numbers of a finished copy. */
export interface CopyResult {
  /** Bytes read from the source. */
  readonly readBytes: number;
  /**
   * Bytes stored, without zeros. In an increment, includes the bytes of the parent that complete
   * blocks.
   */
  readonly storedBytes: number;
}
