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
 * Brings host and store to where the last committed point left them: fulfilled intents are recorded, checkpoints of ours are
 * destroyed, reference points of ours that no committed point needs too, exports and partial points are removed. What is not
 * ours, what cannot be told and what is on another host is left alone; what cannot be removed now is noted and tried again by
 * the next recovery. The caller holds the lease.
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
  // First, since it makes room where the store is full.
  if (store !== undefined) await recoverPartialPoints(run, store, points, signal);
  await recoverIntents(run, 'checkpoint', signal);
  await recoverCheckpoints(run, signal);
  // After that: a checkpoint of ours that is destroyed cannot be converted any more.
  await recoverIntents(run, 'referencePoint', signal);
  // Without a store nothing says which points need theirs.
  if (store !== undefined) await recoverReferencePoints(run, points, signal);
  await recoverExports(run, signal);
  return run.items;
}
