import type { KnownTrackingId, KnownTrackingIds } from '../../api/windows/windows-disk.ts';
import { listPoints, listVms } from '../../backup/points/catalog.ts';
import { isEngineError } from '../../base/errors.ts';
import { openImage } from '../../disk/chain/open-as.ts';
import type { OpenVirtualDisk } from '../../virtdisk/contract/virtual-disk.ts';
import { openVirtualDisk } from '../../virtdisk/open-virtual-disk.ts';
import { openKnownStore } from '../../backup/store/open-store.ts';
import { plainTarget } from '../../backup/store/store-kinds.ts';
import { StorePlaces } from '../../backup/store/store-places.ts';
import type { OperationContext } from '../context/operation-context.ts';

/** Maximum number of points whose IDs are offered. */
const MAX_POINTS = 200;

/**
 * Returns the RCT ids from which the changes of an image can be asked for: the newest one that Windows
 * names, and those of the disk's points in stores, the newest first. A store that cannot be read has no
 * points.
 */
export async function knownTrackingIds(
  context: Pick<OperationContext, 'home' | 'log'>,
  { path, stores }: { readonly path: string; readonly stores: readonly string[] },
  signal: AbortSignal,
  open: OpenVirtualDisk = openVirtualDisk,
): Promise<KnownTrackingIds> {
  const { newest, problem } = await newestId(path, open, signal);
  const diskId = await diskIdOf(path, signal);
  const points: KnownTrackingId[] = [];
  if (diskId !== undefined) {
    for (const store of stores) points.push(...(await idsOfStore(context, store, diskId, signal)));
  }
  points.sort((a, b) => ((a.point ?? '') < (b.point ?? '') ? 1 : -1));
  const ids = newest === '' ? [] : [{ ...NOWHERE, rctId: newest, from: 'windows' as const }];
  return { ids: [...ids, ...points.slice(0, MAX_POINTS)], problem };
}

const NOWHERE = { store: null, vm: null, point: null } as const;

async function newestId(
  path: string,
  open: OpenVirtualDisk,
  signal: AbortSignal,
): Promise<{ readonly newest: string; readonly problem: string | null }> {
  try {
    const handle = await open({ path, access: 'information', withoutParents: true }, signal);
    try {
      const { mostRecentId } = await handle.tracking(signal);
      return { newest: mostRecentId, problem: null };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return { newest: '', problem: error.message };
  }
}

async function diskIdOf(path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const image = await openImage(path, signal);
    await image.close();
    return image.diskId;
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return undefined;
  }
}

async function idsOfStore(
  { home, log }: Pick<OperationContext, 'home' | 'log'>,
  path: string,
  diskId: string,
  signal: AbortSignal,
): Promise<readonly KnownTrackingId[]> {
  const found: KnownTrackingId[] = [];
  try {
    const places = new StorePlaces(home);
    const store = await openKnownStore(plainTarget(path), 'existing', places, log, signal);
    for (const vmId of await listVms(store, signal)) {
      for (const point of await listPoints(store, vmId, signal)) {
        if (point.state !== 'complete') continue;
        const { disks, vm } = point.manifest;
        const rctId = disks.find(({ virtualDiskId }) => virtualDiskId === diskId)?.rctId ?? null;
        if (rctId === null) continue;
        found.push({ rctId, from: 'point', store: path, vm: vm.name || vm.id, point: point.id });
      }
    }
  } catch (error) {
    if (!isEngineError(error)) throw error;
  }
  return found;
}
