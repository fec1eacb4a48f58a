import type { PointReport } from '../../api/store.ts';
import { recordError } from '../../backup/errors/record-errors.ts';
import { listPoints } from '../../backup/points/catalog.ts';
import { pointProblems } from '../../backup/points/point-problems.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { lastVerdict } from '../../backup/verify/verdict.ts';
import type { Guid } from '../../base/guid.ts';
import { storeDisk, storePoint } from './store-documents.ts';

/** Returns the facts of a complete point for its report. Throws `point.missing`. */
export async function pointReport(
  store: Store,
  vmId: Guid,
  pointId: string,
  signal: AbortSignal,
): Promise<PointReport> {
  const points = await listPoints(store, vmId, signal);
  const point = points.find((each) => each.id === pointId);
  if (point?.state !== 'complete') {
    const message = `The store has no complete point ${pointId} of this VM`;
    throw recordError('point.missing', message, { data: { point: pointId } });
  }
  const { manifest } = point;
  const problems = await pointProblems(store, points, signal);
  const verdict = await lastVerdict(store, vmId, pointId, signal);
  return {
    vm: manifest.vm,
    ...(manifest.group === undefined ? {} : { members: manifest.group.members }),
    host: manifest.host,
    point: await storePoint(store, vmId, point, problems, signal),
    finished: manifest.finished,
    method: manifest.method,
    consistencyAsked: manifest.consistency.asked,
    disks: manifest.disks.map((disk) => ({
      ...storeDisk(store, vmId, pointId, disk, manifest.group),
      reason: disk.reason,
      readBytes: disk.readBytes,
      hashRoot: disk.hashRoot,
      rctId: disk.rctId,
      hostPath: disk.path,
      ...(disk.method === undefined ? {} : { method: disk.method }),
    })),
    excluded: manifest.excluded,
    warnings: manifest.warnings,
    trackerCheck: manifest.trackerCheck,
    verdict: verdict ?? null,
  };
}
