import type { Fields } from '../bytes/fields.ts';
import { guestError } from '../bytes/guest-errors.ts';

/** Clusters of an attribute that follow each other. */
export interface Run {
  /** Virtual cluster. */
  readonly first: number;
  readonly length: number;
  /** Cluster of the volume; null: sparse, or the saved part of a compression unit. */
  readonly cluster: number | null;
}

const MAX_RUNS = 1_000_000;

/**
 * Decodes runs (linux-ntfs, "Data Runs"): a byte with the lengths of two numbers, the count of
 * clusters, and the signed distance from the cluster of the last run; without it the run is sparse.
 * Throws `guest.damaged`.
 */
export function decodeRuns(runs: Fields, firstCluster: number, into: Run[]): void {
  let first = firstCluster;
  let cluster = 0;
  for (let at = 0; at < runs.length;) {
    const head = runs.u8(at);
    if (head === 0) return;
    const [countBytes, distanceBytes] = [head & 0x0f, head >> 4];
    const length = countBytes > 0 && countBytes <= 8 ? signed(runs, at + 1, countBytes) : 0;
    if (length <= 0 || distanceBytes > 8) throw damaged(runs, at);
    if (distanceBytes > 0) cluster += signed(runs, at + 1 + countBytes, distanceBytes);
    const end = first + length;
    if (!Number.isSafeInteger(end) || !Number.isSafeInteger(cluster) || cluster < 0) {
      throw damaged(runs, at);
    }
    if (into.length >= MAX_RUNS) {
      throw guestError('guest.limit', `${runs.what} has more than ${MAX_RUNS} runs`);
    }
    into.push({ first, length, cluster: distanceBytes === 0 ? null : cluster });
    first = end;
    at += 1 + countBytes + distanceBytes;
  }
}

/** Reads a signed little-endian number of 1 to 8 bytes. */
function signed(fields: Fields, at: number, count: number): number {
  const bytes = fields.slice(at, count);
  let value = 0n;
  for (let i = count - 1; i >= 0; i--) value = value * 256n + BigInt(bytes[i] as number);
  return Number(BigInt.asIntN(count * 8, value));
}

const damaged = (runs: Fields, at: number): Error =>
  guestError('guest.damaged', `${runs.what} has invalid runs`, {
    data: { what: runs.what, offset: at },
  });
