import type { StorePoint } from '../../api/store.ts';
import { listPoints } from '../../backup/points/catalog.ts';
import { pointProblems } from '../../backup/points/point-problems.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import type { Guid } from '../../base/guid.ts';
import { storePoint } from './store-documents.ts';

/** Lists the points of a VM in a store in any state, oldest first. */
export async function listStorePoints(
  store: Store,
  vmId: Guid,
  signal: AbortSignal,
): Promise<readonly StorePoint[]> {
  const points = await listPoints(store, vmId, signal);
  const problems = await pointProblems(store, points, signal);
  return Promise.all(points.map((point) => storePoint(store, vmId, point, problems, signal)));
}
