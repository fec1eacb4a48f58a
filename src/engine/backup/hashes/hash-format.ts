import { CELL_SIZE } from './hash-cell.ts';

/**
 * Parameters of a hash tree (FORMAT.md, "Hash tree"). They are part of the root, so roots of two
 * formats never match. A chain has one format from its full to its last increment.
 */
export interface HashFormat {
  /** Version of the `.hashes` file. */
  readonly version: 1 | 2;
  /** Bytes of the virtual disk that one leaf covers; the last leaf of a disk may cover less. */
  readonly unit: number;
  /** Leaves in a page of level 0. Pages of higher levels hold 256 nodes. */
  readonly leafFanOut: number;
}

/**
 * Format of points made before 64 KiB units: one leaf for each MiB. Read and verified, but never
 * used for a new chain.
 */
export const HASHES_V1: HashFormat = { version: 1, unit: CELL_SIZE, leafFanOut: 256 };

/**
 * One leaf for each 64 KiB, so that a small change adds little to the file. A page of level 0
 * covers 1 MiB in 512 bytes; with pages of 256 leaves, scattered changes would cost 8 KiB each.
 */
export const HASHES_V2: HashFormat = { version: 2, unit: 64 * 1024, leafFanOut: 16 };

const FORMATS: readonly HashFormat[] = [HASHES_V1, HASHES_V2];

/**
 * Returns the format of a disk's tree according to its record; the record's reader accepts no other
 * units.
 */
export function hashFormat({ hashUnit }: { readonly hashUnit: number }): HashFormat {
  return hashUnit === HASHES_V1.unit ? HASHES_V1 : HASHES_V2;
}

/** Returns the format of a file's version, or undefined if this program does not know it. */
export function formatOfVersion(version: number): HashFormat | undefined {
  return FORMATS.find((each) => each.version === version);
}
