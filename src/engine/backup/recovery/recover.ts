import type { Guid } from '../../base/guid.ts';
import { recoverExports } from './open-exports.ts';
import { recoverIntents } from './open-intents.ts';
import { recoverCheckpoints } from './own-checkpoints.ts';
import { recoverReferencePoints } from './own-points.ts';
import { recoverPartialPoints } from './partial-points.ts';
import type { CleanedItem } from '../../api/backup.ts';
import { RecoveryRun, type RecoveryDeps, type RecoveryOptions } from './recovery-run.ts';
import type { LedgerKeeper } from '../context/run-context.ts';
import { listPoints } from '../points/catalog.ts';

/**
 * Restores the state after the last committed point on host and store. Records fulfilled intents;
 * destroys our checkpoints, and our reference points that no committed point needs; removes exports
 * and partial points. Leaves alone foreign objects, objects whose owner is unclear, and objects on
 * other hosts. Notes what cannot be removed now for the next recovery. The caller holds the lease.
 */
export async function recover(
  deps: RecoveryDeps,
  vmId: Guid,
  keeper: LedgerKeeper,
  options: RecoveryOptions,
  signal: AbortSignal,
): Promise<readonly CleanedItem[]> {
  await keeper.assertHeld(signal);
  const computerName = await deps.host.computerName(signal);
  const run = new RecoveryRun(deps, vmId, keeper, options, computerName);
  const { store } = deps;
  const points = store === undefined ? [] : await listPoints(store, vmId, signal);
  // First, since it frees space if the store is full.
  if (store !== undefined) await recoverPartialPoints(run, store, points, signal);
  await recoverIntents(run, 'checkpoint', signal);
  await recoverCheckpoints(run, signal);
  // After the checkpoints: a destroyed checkpoint can no longer be converted.
  await recoverIntents(run, 'referencePoint', signal);
  // Without a store it is unknown which points need their reference point.
  if (store !== undefined) await recoverReferencePoints(run, points, signal);
  await recoverExports(run, signal);
  return run.items;
}
