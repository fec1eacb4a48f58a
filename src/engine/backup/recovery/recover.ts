import type { Guid } from '../../base/guid.ts';
import type { BackupHost } from '../host/host.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { OnHost } from '../ledger/on-host.ts';
import { whereabouts } from '../ledger/this-host.ts';
import { recoverExports } from './open-exports.ts';
import { recoverImports } from './open-imports.ts';
import { recoverOvers } from './open-overs.ts';
import { recoverSets } from './open-sets.ts';
import { recoverWriters } from './open-writers.ts';
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
  const nodes = await clusterNodes(deps.host, keeper.ledger, computerName, signal);
  const run = new RecoveryRun(deps, vmId, keeper, options, computerName, nodes);
  const { store } = deps;
  const points = store === undefined ? [] : await listPoints(store, vmId, signal);
  // A file that is open on a server would block the merges of what is destroyed here.
  if (!options.dryRun) await options.files.endEarlier(signal);
  // Before the host, since it frees space if the store is full.
  if (store !== undefined) await recoverPartialPoints(run, store, points, signal);
  await recoverIntents(run, 'checkpoint', signal);
  await recoverCheckpoints(run, signal);
  // After the checkpoints: a destroyed checkpoint can no longer be converted.
  await recoverIntents(run, 'referencePoint', signal);
  // Without a store it is unknown which points need their reference point.
  if (store !== undefined) await recoverReferencePoints(run, points, signal);
  await recoverExports(run, signal);
  await recoverImports(run, signal);
  await recoverOvers(run, signal);
  await recoverSets(run, signal);
  await recoverWriters(run, signal);
  return run.items;
}

/** Asks for the nodes of the host's cluster only if the ledger names objects of another host. */
async function clusterNodes(
  host: BackupHost,
  { checkpoints, referencePoints, intents, imports, overs, sets, writers }: Ledger,
  computerName: string | null,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const lists: readonly (readonly OnHost[] | undefined)[] = [imports, overs, sets, writers];
  const others = lists.flatMap((each) => each ?? []);
  const records = [...checkpoints, ...referencePoints, ...intents, ...others];
  const isElsewhere = records.some((each) => whereabouts(each, computerName) === 'elsewhere');
  return isElsewhere ? host.clusterNodes(signal) : [];
}
