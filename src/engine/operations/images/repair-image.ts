import type { Repaired, RepairRequest, UndoneRepair } from '../../api/disk-check.ts';
import { STORE_MARKER } from '../../backup/store/contract/layout.ts';
import type { Progress } from '../../base/progress.ts';
import { repairDisk } from '../../disk/repair/repair-disk.ts';
import { refuseInStore } from '../../disk/rewrite/guards.ts';
import { undoRepair } from '../../disk/repair/undo-repair.ts';

/**
 * Repairs what the rest of an image proves, in a copy or in place; without `confirmed`, tells what
 * it would do. Changes nothing in a store and makes no copy there. Throws `disk.*`, `source.*`.
 */
export async function repairImage(
  { path, to, inPlace, replace, confirmed }: RepairRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<Repaired> {
  // A copy beside an image of a store would lie in the store.
  if (!inPlace && confirmed) await refuseInStore([to ?? path], STORE_MARKER);
  const options = {
    open: {},
    to: to ?? undefined,
    inPlace,
    replace,
    confirmed,
    storeMarker: STORE_MARKER,
  };
  return repairDisk(path, options, progress, signal);
}

/** Brings back the bytes from before a repair in place. Throws `disk.repair.*`, `source.*`. */
export function undoImageRepair(
  { path, record }: { readonly path: string; readonly record: string },
  signal: AbortSignal,
): Promise<UndoneRepair> {
  return undoRepair(path, record, { storeMarker: STORE_MARKER }, signal);
}
