import { createHash, hash } from 'node:crypto';

/** Unit of copying: 1 MiB of the virtual disk. The last cell of a disk may be shorter. */
export const CELL_SIZE = 1024 * 1024;

/** Returns the SHA-256 of bytes (32 bytes): the digest of a hash unit. */
export function digestOf(bytes: Uint8Array): Uint8Array {
  // One call: creating a Hash object costs a sixth of the digest of 64 KiB.
  return hash('sha256', bytes, 'buffer');
}

const ZEROS = new Uint8Array(64 * 1024);
const known = new Map<number, Uint8Array>();

/**
 * Returns the SHA-256 of `length` zeros: the digest of a unit that was never written. Computed once
 * per length.
 */
export function zeroDigest(length: number): Uint8Array {
  let digest = known.get(length);
  if (digest === undefined) {
    const hash = createHash('sha256');
    for (let left = length; left > 0; left -= ZEROS.length) {
      hash.update(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
    }
    digest = hash.digest();
    known.set(length, digest);
  }
  return digest;
}

export const cellCount = (virtualSize: number): number => Math.ceil(virtualSize / CELL_SIZE);

/** Returns the bytes in a cell: CELL_SIZE except for the last one. */
export function cellLength(cell: number, virtualSize: number): number {
  return Math.min(CELL_SIZE, virtualSize - cell * CELL_SIZE);
}
