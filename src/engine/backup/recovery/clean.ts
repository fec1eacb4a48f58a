import type { PathMapping } from '../../api/host.ts';
import type { Guid } from '../../base/guid.ts';
import { noLog } from '../../base/log.ts';
import { noProgress } from '../../base/progress.ts';
import type { BackupHost } from '../host/host.ts';
import {
  storeLedger,
  withLease,
  type LeasedLedger,
  type LedgerFile,
} from '../ledger/ledger-file.ts';
import { recover } from './recover.ts';
import type { RecoveryDeps } from './recovery-run.ts';
import type { CleanedItem } from '../../api/backup.ts';
import { RunFiles } from '../context/run-files.ts';
import { tellOfWait } from '../context/take-lease.ts';
import { LedgerKeeper, type HeldLease, type RunDeps } from '../context/run-context.ts';
import { DEFAULT_MERGE_WAIT_SECONDS, settleMerges } from './settle-merges.ts';

export interface CleanOptions {
  readonly pathMap: readonly PathMapping[];
  /** Time limit for the merges that follow, in seconds. */
  readonly mergeWaitSeconds?: number;
  /** Only reports what would be done. */
  readonly dryRun: boolean;
}

/**
 * Removes the leftovers of interrupted runs of this program for a VM, on the host and in the store.
 * Waits for the merges that follow.
 */
export async function cleanVm(
  deps: RunDeps,
  vmId: Guid,
  options: CleanOptions,
  signal: AbortSignal,
): Promise<readonly CleanedItem[]> {
  const ledger = storeLedger(deps.store, vmId);
  const work = async (held: AbortSignal, lease?: HeldLease): Promise<readonly CleanedItem[]> =>
    recovered(deps, vmId, await LedgerKeeper.load(ledger, held, lease), options, held);
  if (options.dryRun) return work(signal);
  const items = await withLease(deps.store, vmId, 'clean', work, signal, tellOfWait(deps));
  const seconds = options.mergeWaitSeconds ?? DEFAULT_MERGE_WAIT_SECONDS;
  return [...items, ...(await mergesLeft(deps, vmId, seconds, signal))];
}

/**
 * Returns an item for each merge that remains after the time limit; there is nothing more to clean
 * about it.
 */
async function mergesLeft(
  deps: Pick<RunDeps, 'host' | 'progress' | 'log'>,
  vmId: Guid,
  seconds: number,
  signal: AbortSignal,
): Promise<readonly CleanedItem[]> {
  const warnings = await settleMerges(deps, vmId, seconds, signal);
  signal.throwIfAborted();
  // A VM that is gone, as after an interrupted restore, has nothing to merge.
  const left = warnings.filter(({ code }) => code !== 'host.vm.notFound');
  return left.map(({ message }) => ({ kind: 'left', id: vmId, text: message }));
}

/**
 * Does the same for objects made by hand, outside of any store: removes checkpoints of interrupted
 * exports, and records created reference points as the user's own. Throws `lease.held` while an
 * export or another command of this user is running.
 */
export async function cleanOwn(
  host: BackupHost,
  vmId: Guid,
  ledger: LeasedLedger,
  options: CleanOptions,
  signal: AbortSignal,
): Promise<readonly CleanedItem[]> {
  if (options.dryRun) return recoverOwn(host, vmId, ledger, options, signal);
  const clean = (held: AbortSignal): Promise<readonly CleanedItem[]> =>
    recoverOwn(host, vmId, ledger, options, held);
  const items = await ledger.change('clean', clean, signal);
  const seconds = options.mergeWaitSeconds ?? DEFAULT_MERGE_WAIT_SECONDS;
  const quiet = { host, progress: noProgress, log: noLog };
  return [...items, ...(await mergesLeft(quiet, vmId, seconds, signal))];
}

/** Recovers a ledger without points. The caller holds it. */
export async function recoverOwn(
  host: BackupHost,
  vmId: Guid,
  ledger: LedgerFile,
  options: CleanOptions,
  signal: AbortSignal,
): Promise<readonly CleanedItem[]> {
  const deps = { host, store: undefined, now: Date.now };
  return recovered(deps, vmId, await LedgerKeeper.load(ledger, signal), options, signal);
}

/** Recovers under a lease that the caller holds. */
export async function recovered(
  deps: RecoveryDeps,
  vmId: Guid,
  keeper: LedgerKeeper,
  { pathMap, dryRun }: CleanOptions,
  signal: AbortSignal,
): Promise<readonly CleanedItem[]> {
  const files = new RunFiles(deps.host, pathMap, keeper, deps.now, !dryRun);
  try {
    return await recover(deps, vmId, keeper, { files, dryRun }, signal);
  } finally {
    await files.close();
  }
}
