import type { Finding, Named } from '../../api/host.ts';
import type { StoreDisk, StorePoint } from '../../api/store.ts';
import type { DiskRecord, GroupFacts } from '../../backup/manifest/manifest.ts';
import { pointSizes } from '../../backup/manifest/point-sizes.ts';
import type { PointEntry } from '../../backup/points/catalog.ts';
import { restorable } from '../../backup/restore/import/source/kept-configuration.ts';
import { pointFile } from '../../backup/store/contract/layout.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { SHARED_SLOT } from '../../backup/host/shared-disks.ts';
import { lastVerdict } from '../../backup/verify/verdict.ts';
import type { Guid } from '../../base/guid.ts';

/** Returns the document of a point in any state. @param problems by point, from `pointProblems` */
export async function storePoint(
  store: Store,
  vmId: Guid,
  point: PointEntry,
  problems: ReadonlyMap<string, readonly Finding[]>,
  signal: AbortSignal,
): Promise<StorePoint> {
  const manifest = point.state === 'complete' ? point.manifest : undefined;
  const sizes = pointSizes(manifest?.disks ?? []);
  const verdict = await lastVerdict(store, vmId, point.id, signal);
  return {
    id: point.id,
    state: point.state,
    kind: manifest?.kind ?? null,
    created: manifest?.created ?? null,
    parent: manifest?.parent ?? null,
    consistency: manifest?.consistency.achieved ?? null,
    reason: manifest?.reason ?? null,
    bytes: sizes.fileBytes,
    changedBytes: sizes.changedBytes,
    writtenBytes: sizes.writtenBytes,
    disks: (manifest?.disks ?? []).map((disk) =>
      storeDisk(store, vmId, point.id, disk, manifest?.group),
    ),
    verified: verdict ?? null,
    restores: manifest === undefined ? null : restorable(manifest),
    problem: point.state === 'damaged' ? point.error.message : null,
    problems: problems.get(point.id) ?? [],
  };
}

/** Returns the document of a disk of a point. @param group undefined: the point of one VM */
export function storeDisk(
  store: Store,
  vmId: Guid,
  pointId: string,
  disk: DiskRecord,
  group: GroupFacts | undefined,
): StoreDisk {
  const { number, name, slot, file, kind, virtualSize } = disk;
  const { fileSize, changedBytes, writtenBytes } = disk;
  const stored = pointFile(vmId, pointId, file);
  const image = store.localPath(stored) ?? `${store.location}/${stored}`;
  const sizes = { virtualSize, fileSize, changedBytes, writtenBytes };
  const holders = holdersOf(disk, group);
  return {
    number,
    name,
    slot,
    file,
    path: image,
    kind,
    ...sizes,
    ...(holders === undefined ? {} : { holders }),
    ...(isSharedRecord(disk) ? { shared: true as const } : {}),
  };
}

/** Returns the members that have a disk, with their names; undefined in a point of one VM. */
function holdersOf(
  { holders }: DiskRecord,
  group: GroupFacts | undefined,
): readonly Named[] | undefined {
  return holders?.map(({ id }) => {
    const name = group?.members.find((member) => member.id === id)?.name ?? '';
    return { id, name };
  });
}

/** Whether the members of a group share a disk, which is then in the point once. */
const isSharedRecord = ({ slot, holders }: DiskRecord): boolean =>
  holders !== undefined && slot.startsWith(SHARED_SLOT);

/** Returns the names of the VMs that share a disk; undefined if it belongs to one VM. */
export const sharedBy = (
  disk: DiskRecord,
  group: GroupFacts | undefined,
): readonly string[] | undefined =>
  isSharedRecord(disk)
    ? holdersOf(disk, group)
        ?.map(({ id, name }) => (name === '' ? id : name))
        .sort()
    : undefined;
