import type { Finding } from '../../api/host.ts';
import type { StoreDisk, StorePoint } from '../../api/store.ts';
import type { DiskRecord } from '../../backup/manifest/manifest.ts';
import { pointSizes } from '../../backup/manifest/point-sizes.ts';
import type { PointEntry } from '../../backup/points/catalog.ts';
import { restorable } from '../../backup/restore/import/kept-configuration.ts';
import { pointFile } from '../../backup/store/contract/layout.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { lastVerdict } from '../../backup/verify/verify.ts';
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
    disks: (manifest?.disks ?? []).map((disk) => storeDisk(store, vmId, point.id, disk)),
    verified: verdict ?? null,
    restores: manifest === undefined ? null : restorable(manifest),
    problem: point.state === 'damaged' ? point.error.message : null,
    problems: problems.get(point.id) ?? [],
  };
}

/** Returns the document of a disk of a point. */
export function storeDisk(store: Store, vmId: Guid, pointId: string, disk: DiskRecord): StoreDisk {
  const { number, name, slot, file, kind, virtualSize } = disk;
  const { fileSize, changedBytes, writtenBytes } = disk;
  const stored = pointFile(vmId, pointId, file);
  const image = store.localPath(stored) ?? `${store.location}/${stored}`;
  const sizes = { virtualSize, fileSize, changedBytes, writtenBytes };
  return { number, name, slot, file, path: image, kind, ...sizes };
}
