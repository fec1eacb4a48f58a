import { removePoint, type PointEntry } from '../points/catalog.ts';
import { pointFolder, vmFolder } from '../store/contract/layout.ts';
import type { Store } from '../store/contract/store.ts';
import type { RecoveryRun } from './recovery-run.ts';

/** Removes unfinished points and temporary files. */
export async function recoverPartialPoints(
  run: RecoveryRun,
  store: Store,
  points: readonly PointEntry[],
  signal: AbortSignal,
): Promise<void> {
  const { vmId } = run;
  for (const { id, state } of points) {
    if (state !== 'partial') continue;
    const remove = (): Promise<void> => removePoint(store, vmId, id, signal);
    await run.remove('point', id, 'an unfinished point: removed', remove, signal);
  }
  const folders = [vmFolder(vmId), ...points.map(({ id }) => pointFolder(vmId, id))];
  for (const folder of folders) {
    const found = await store.leftovers(folder, signal);
    if (found.length === 0) continue;
    // Removes only what was found while the lease was held: a process that was suspended must not
    // remove the files of the next holder.
    const remove = (): Promise<void> => store.removeLeftovers(found, signal);
    const [{ path } = { path: folder }, ...more] = found;
    if (!(await run.remove('temporary', path, 'a temporary file: removed', remove, signal)))
      continue;
    for (const each of more) run.note('temporary', each.path, 'a temporary file: removed');
  }
}
