import type { Guid } from '../../base/guid.ts';
import type { HostCheckpoint } from '../host/host.ts';
import type { Lease } from '../lease/lease.ts';
import type { PathMapping } from '../host/path-map.ts';
import { recover } from '../recovery/recover.ts';
import type { LedgerKeeper, RunDeps } from '../context/run-context.ts';
import { removePoint } from '../points/catalog.ts';
import { destroyOwn } from './destroy-own.ts';

/** Time limit, also if the run itself was cancelled. */
const TAKE_BACK_MS = 60_000;

/** A run that failed. */
export interface FailedRun {
  readonly deps: RunDeps;
  readonly vmId: Guid;
  readonly lease: Lease;
  readonly keeper: LedgerKeeper;
  readonly pathMap: readonly PathMapping[];
  readonly committed: boolean;
  /** undefined if its folder was not reserved yet. */
  readonly pointId: string | undefined;
  /** undefined if it made none, or converted it. */
  readonly checkpoint: HostCheckpoint | undefined;
  readonly removeExport: (signal: AbortSignal) => Promise<void>;
}

/** Removes what a failed run made and did not commit, as far as host and store can be reached. Never throws. */
export async function takeBack(run: FailedRun): Promise<void> {
  const { deps, vmId, lease, keeper, pathMap, pointId, checkpoint } = run;
  const signal = AbortSignal.timeout(TAKE_BACK_MS);
  // Without the lease, or without the store, only what this run made and knows by its id is its own.
  if (lease.lost.aborted) return destroyOwn(deps, vmId, checkpoint, signal);
  try {
    if (run.committed) return await run.removeExport(signal);
    await lease.assertHeld(signal);
    // First, since it needs no host, and makes room where the store was full. What stays is recovered below, or later.
    if (pointId !== undefined) {
      await removePoint(deps.store, vmId, pointId, signal).catch(() => undefined);
    }
    await recover(deps, vmId, keeper, { pathMap, dryRun: false }, signal);
  } catch (error) {
    // The next run, or clean, recovers it from the ledger.
    const message = `What the run left could not be taken back now: ${(error as Error).message}`;
    deps.log({ level: 'warn', area: 'backup', message });
    await destroyOwn(deps, vmId, checkpoint, signal);
  }
}
