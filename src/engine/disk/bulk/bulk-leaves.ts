import { LEAF_DATA, LEAF_ZERO, PUMP_CELL, type PumpResult } from '../../native/loops/pump.ts';

/** A leaf that was read, by its number on the disk; no digest: all its bytes are zero. */
export interface BulkLeaf {
  readonly leaf: number;
  /** SHA-256; valid until the next leaf. */
  readonly digest: Uint8Array | undefined;
}

const DIGEST_SIZE = 32;

/** Yields the leaves of a result that hold or touch data, in order. */
export function* bulkLeaves(result: PumpResult, leafSize: number): Generator<BulkLeaf> {
  const perCell = PUMP_CELL / leafSize;
  const { cells, states, digests } = result;
  for (const [i, cell] of cells.entries()) {
    for (let k = 0; k < perCell; k++) {
      const at = i * perCell + k;
      const state = states[at];
      const leaf = cell * perCell + k;
      if (state === LEAF_ZERO) yield { leaf, digest: undefined };
      else if (state === LEAF_DATA) {
        yield { leaf, digest: digests.subarray(at * DIGEST_SIZE, (at + 1) * DIGEST_SIZE) };
      }
    }
  }
}

/** Returns the digests of the leaves of a result that are not all zero, by their number. */
export function leafDigests(result: PumpResult, leafSize: number): ReadonlyMap<number, Uint8Array> {
  const digests = new Map<number, Uint8Array>();
  for (const { leaf, digest } of bulkLeaves(result, leafSize)) {
    if (digest !== undefined) digests.set(leaf, digest);
  }
  return digests;
}

/** Returns the number of the first leaf behind a result. */
export function leafBehind({ cells }: PumpResult, leafSize: number): number {
  return ((cells.at(-1) ?? -1) + 1) * (PUMP_CELL / leafSize);
}
