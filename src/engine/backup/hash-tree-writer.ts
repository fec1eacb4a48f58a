import type { PartWriter } from '../source/byte-source.ts';
import type { ChainHashes } from './chain-hashes.ts';

/** What a finished tree is known by. */
export interface HashTreeResult {
  /** Lower-case hexadecimal, 64 characters. */
  readonly root: string;
  /** Of the file; 0 and '' where none was written. */
  readonly size: number;
  readonly sha256: string;
}

/**
 * Takes the digests of cells in any order and makes the tree's root, and the file of changed pages
 * where a writer is given. Cells never named keep the parent's digest, or are zero without a parent.
 */
export class HashTreeWriter {
  /**
   * @param file takes the `.hashes` file; null only computes the root (restore, verify).
   * @param parent the tree of the parent point, of the same virtual size; null for a full.
   */
  static begin(
    _file: PartWriter | null,
    _virtualSize: number,
    _parent: ChainHashes | null,
  ): HashTreeWriter {
    throw new Error('in progress');
  }

  /** One cell's SHA-256 (hash-cell.ts). The same cell twice: the last one counts, unless sealed. */
  set(_cell: number, _digest: Uint8Array): void {
    throw new Error('in progress');
  }

  /** The cell reads as zeros. */
  setZero(_cell: number): void {
    throw new Error('in progress');
  }

  /** Promises that no cell below `cell` will come any more: their pages leave memory. */
  async sealBelow(_cell: number, _signal: AbortSignal): Promise<void> {
    throw new Error('in progress');
  }

  /** Completes the file, if any, and answers the root. */
  async finish(_signal: AbortSignal): Promise<HashTreeResult> {
    throw new Error('in progress');
  }

  /** Leaves no file; after `finish` it does nothing. */
  async abandon(): Promise<void> {
    throw new Error('in progress');
  }
}
