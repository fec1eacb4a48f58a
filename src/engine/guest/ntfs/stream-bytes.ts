import type { GuestBytes } from '../bytes/guest-bytes.ts';
import { guestError } from '../bytes/guest-errors.ts';
import { HeldSource } from '../../source/held-source.ts';
import { ExtentBytes, ExtentList } from '../contract/extent-bytes.ts';
import type { Attribute, StoredAttribute } from './attributes.ts';
import { CompressedBytes } from './compressed-bytes.ts';
import { decodeRuns, type Run } from './runs.ts';

/**
 * Opens the value of an attribute: its parts in order of their first clusters. Bytes behind the
 * initialised size are zeros. Throws `guest.damaged` for parts that do not follow each other.
 * @param clusterSize bytes of a cluster
 */
export function streamBytes(
  volume: GuestBytes,
  clusterSize: number,
  parts: readonly Attribute[],
  what: string,
): GuestBytes {
  const [only] = parts;
  if (only?.resident === true) return new HeldSource(only.value.bytes, what);
  const stored = parts
    .filter((part): part is StoredAttribute => !part.resident)
    .toSorted((a, b) => a.firstCluster - b.firstCluster);
  const [first] = stored;
  const runs: Run[] = [];
  for (const part of stored) {
    const last = runs.at(-1);
    const expected = last === undefined ? 0 : last.first + last.length;
    if (part.firstCluster !== expected) {
      throw guestError('guest.damaged', `${what} lacks the clusters from ${expected} on`, {
        data: { what, found: part.firstCluster, expected },
      });
    }
    decodeRuns(part.runs, part.firstCluster, runs);
  }
  if (first === undefined) throw guestError('guest.damaged', `${what} has no contents`);
  const { size, unitClusters } = first;
  const initialised = Math.min(size, first.initialised);
  if (unitClusters > 0) {
    const unit = { clusterSize, clusters: unitClusters };
    return new CompressedBytes(volume, runs, unit, { size, initialised }, what);
  }
  return storedBytes(volume, clusterSize, runs, { size, initialised }, what);
}

function storedBytes(
  volume: GuestBytes,
  clusterSize: number,
  runs: readonly Run[],
  { size, initialised }: { readonly size: number; readonly initialised: number },
  what: string,
): GuestBytes {
  const list = new ExtentList(volume, what);
  for (const { first, length, cluster } of runs) {
    const start = first * clusterSize;
    const bytes = Math.min(length * clusterSize, initialised - start);
    if (cluster !== null && bytes > 0) list.add(start, bytes, cluster * clusterSize);
  }
  return new ExtentBytes(volume, list.list, size, what);
}
