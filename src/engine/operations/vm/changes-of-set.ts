import type { PathMapping } from '../../api/host.ts';
import { tileChanges, type TiledChanges } from '../../backup/changes/range-query.ts';
import type { BackupHost, HostDisk } from '../../backup/host/host.ts';
import { hostError } from '../../hyperv/hyperv-errors.ts';

/** Two snapshots of a VHD Set, the older one first. */
export interface SnapshotPair {
  readonly since: string;
  readonly until: string;
}

/** Asks Hyper-V's WMI for what changed between two snapshots of a VHD Set (TargetSnapshotId). */
export function askWmiOfSet(
  host: Pick<BackupHost, 'queryChanges'>,
  { path }: HostDisk,
  size: number,
  { since, until }: SnapshotPair,
  signal: AbortSignal,
): Promise<TiledChanges> {
  return tileChanges(
    (offset, length, inner) => host.queryChanges(path, since, offset, length, inner, until),
    size,
    () => undefined,
    signal,
  );
}

/** Asks the file server of a VHD Set the same, by RSVD. Throws `path.*`, `smb.*`, `rsvd.*`. */
export async function askServerOfSet(
  host: Pick<BackupHost, 'remoteFiles'>,
  { path }: HostDisk,
  size: number,
  { since, until }: SnapshotPair,
  pathMap: readonly PathMapping[],
  signal: AbortSignal,
): Promise<TiledChanges> {
  const remote = host.remoteFiles(pathMap);
  try {
    const set = await remote.shared.open(path, signal);
    try {
      return await tileChanges(
        (offset, length, inner) => set.queryChanges(since, until, offset, length, inner),
        size,
        () => undefined,
        signal,
      );
    } finally {
      await set.close();
    }
  } finally {
    await remote.close();
  }
}

/**
 * Returns the snapshots to compare. Throws `host.referencePoint.notFound` if two IDs are not given: which snapshots belong
 * to a reference point of a group, the host does not say.
 * @param since undefined: a reference point was named
 */
export function pairOf(
  { slot, snapshotIds = [] }: HostDisk,
  since: string | undefined,
  until: string | undefined,
): SnapshotPair {
  if (since !== undefined && until !== undefined) return { since, until };
  const known = snapshotIds.length === 0 ? 'none is known' : `it has ${snapshotIds.join(', ')}`;
  throw hostError(
    'host.referencePoint.notFound',
    `The disk at ${slot} is a VHD Set: name an older and a newer one of its snapshots; ${known}`,
    { data: { slot, expected: [...snapshotIds] } },
  );
}
