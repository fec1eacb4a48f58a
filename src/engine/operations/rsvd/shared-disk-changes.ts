import type { Warning } from '../../api/backup.ts';
import { tileChanges, type RangeQuery } from '../../backup/changes/range-query.ts';
import type { Guid } from '../../base/guid.ts';
import { toStartLength, type StartLength } from '../../base/range.ts';
import type { SharedDisk } from '../../net/rsvd/client/shared-disk.ts';
import { rsvdError } from '../../net/rsvd/contract/rsvd-errors.ts';

/** Changed ranges of a shared disk between two snapshots, in the form of `changes`. */
export interface SharedDiskChanges {
  readonly disk: string;
  readonly since: string;
  readonly until: string;
  readonly virtualSize: number;
  readonly ranges: readonly StartLength[];
  readonly changedBytes: number;
  readonly queries: readonly RangeQuery[];
  readonly warnings: readonly Warning[];
}

/**
 * Asks what changed between two snapshots of a VHD Set. Throws `rsvd.snapshot`, `tracker.*`.
 * @param until the newer snapshot; undefined: the newest
 */
export async function sharedDiskChanges(
  disk: SharedDisk,
  since: Guid,
  until: Guid | undefined,
  signal: AbortSignal,
): Promise<SharedDiskChanges> {
  const targetId = until ?? (await newest(disk, since, signal));
  const { virtualSize } = disk.facts;
  const { ranges, queries, warnings } = await tileChanges(
    (offset, length, each) => disk.queryChanges({ limitId: since, targetId, offset, length }, each),
    virtualSize,
    () => undefined,
    signal,
  );
  return {
    disk: disk.path,
    since,
    until: targetId,
    virtualSize,
    ranges: Array.from(ranges, toStartLength),
    changedBytes: ranges.bytes,
    queries,
    warnings,
  };
}

async function newest(disk: SharedDisk, since: Guid, signal: AbortSignal): Promise<Guid> {
  const snapshots = await disk.snapshots(signal);
  const [last] = snapshots
    .filter(({ id, isValid }) => id !== since && isValid)
    .toSorted((a, b) => b.created - a.created);
  if (last !== undefined) return last.id;
  throw rsvdError('rsvd.snapshot', `${disk.path} has no snapshot after ${since}`, {
    data: { path: disk.path, snapshot: since },
  });
}
