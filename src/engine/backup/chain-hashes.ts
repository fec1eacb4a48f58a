import type { ByteSource } from '../source/byte-source.ts';

/** Cells `[start, end)` of one page or one zero subtree. */
export interface HashRun {
  readonly start: number;
  readonly end: number;
  /** 32 bytes for each cell; null where all of them are zero cells. */
  readonly digests: Uint8Array | null;
}

/** The hash tree of a disk at one point, read from the `.hashes` files of the point and its parents. */
export class ChainHashes {
  readonly virtualSize: number = 0;
  readonly root: string = '';

  /**
   * @param files the disk's `.hashes` files, the point's own first, its full's last. They are closed
   *   with the tree, and when opening fails.
   * @param root as the point's manifest records it. Everything read is proven against it:
   *   `hashes.damaged` where a page does not hash to what the page above says.
   */
  static async open(
    _files: readonly ByteSource[],
    _virtualSize: number,
    _root: string,
    _signal: AbortSignal,
  ): Promise<ChainHashes> {
    throw new Error('in progress');
  }

  /** The SHA-256 of one cell (32 bytes). */
  async leaf(_cell: number, _signal: AbortSignal): Promise<Uint8Array> {
    throw new Error('in progress');
  }

  /** Cells `[start, end)` in order, gapless; zero subtrees come as one run without digests. */
  async *leaves(_start: number, _end: number, _signal: AbortSignal): AsyncGenerator<HashRun> {
    throw new Error('in progress');
  }

  async close(): Promise<void> {
    throw new Error('in progress');
  }
}
