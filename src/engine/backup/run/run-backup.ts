import type { FileProtection } from '../../api/host.ts';
import { isEngineError } from '../../base/errors.ts';
import { durationWords } from '../../base/words/duration.ts';
import type { Guid } from '../../base/guid.ts';
import { pass, type RunDeps, type RunWarning } from '../context/run-context.ts';
import type { PointManifest } from '../manifest/manifest.ts';
import type { BackupOptions, CleanedItem } from '../../api/backup.ts';
import { DEFAULT_MERGE_WAIT_SECONDS, settleMerges } from '../recovery/settle-merges.ts';
import { finishPoint } from './steps/finish-point.ts';
import { pointOff } from '../offline/point-off.ts';
import { commitRun } from './phases/commit.ts';
import { convertCheckpoint } from './phases/convert.ts';
import { decideTasks } from './phases/disk-tasks.ts';
import { freezeDisks } from './phases/freeze.ts';
import { holdLease } from './phases/lease.ts';
import { openDisks } from './phases/open-disks.ts';
import { planRun } from './phases/plan.ts';
import type { Committed, Leased, Recovered } from './record/run-record.ts';
import { recoverRun } from './phases/recover.ts';
import { reserveFolder } from './phases/reserve.ts';
import { writePoint } from './phases/write.ts';

/** The result of a backup, which the command line prints. */
export interface BackupResult {
  readonly manifest: PointManifest;
  /** Whole seconds of the run, and those from the first read to the last fsync of data. */
  readonly seconds: number;
  readonly dataSeconds: number;
  /** Leftovers of earlier, interrupted runs. */
  readonly cleaned: readonly CleanedItem[];
  /**
   * The point is complete, but objects that it replaces could not be removed; the next run retries.
   */
  readonly unfinished: readonly RunWarning[];
  /** File servers that disks were read from. */
  readonly protection: readonly FileProtection[];
}

/**
 * Backs up one VM, which the caller has found on the host: the state machine of edges.ts. After a
 * failure the point is not committed, the existing chain is intact, and objects created on the host
 * are removed if the host can be reached; the next run recovers the rest. Throws `lease.held`,
 * `plan.*`, and errors of host and store.
 */
export async function runBackup(
  deps: RunDeps,
  vmId: Guid,
  options: BackupOptions,
  jobId: string,
  signal: AbortSignal,
): Promise<BackupResult> {
  const started = deps.now();
  await pass(deps, vmId, 'preflight');
  const recovered = await mergedRun(deps, vmId, options, jobId, signal);
  const { manifest, dataSeconds, notes } = await underLease(recovered, signal, makePoint);
  const unfinished = [...notes.unfinished, ...(await mergesAfter(deps, vmId, options, signal))];
  const seconds = (deps.now() - started) / 1000;
  const { cleaned, protection } = notes;
  return { manifest, seconds, dataSeconds, cleaned, unfinished, protection };
}

/** Runs every phase from the plan to the removal of replaced objects. */
async function makePoint(run: Recovered, signal: AbortSignal): Promise<Committed> {
  if (run.vm.offline !== undefined) return pointOff(run, signal);
  const planned = await planRun(run, signal);
  const reserved = await reserveFolder(planned, signal);
  const frozen = await freezeDisks(reserved, signal);
  const readable = await openDisks(frozen, signal);
  const tasked = await decideTasks(readable, signal);
  const written = await writePoint(tasked, signal);
  const converted = await convertCheckpoint(written, signal);
  const committed = await commitRun(converted, signal);
  await finishPoint(committed, signal);
  return committed;
}

/**
 * Takes the lease and recovers the leftovers of earlier runs. Releases the lease while it waits for
 * the merges that follow.
 */
async function mergedRun(
  deps: RunDeps,
  vmId: Guid,
  options: BackupOptions,
  jobId: string,
  signal: AbortSignal,
): Promise<Recovered> {
  const begin = async (): Promise<Recovered> => {
    const leased = await holdLease(deps, vmId, options, jobId, signal);
    return orTakenBack(leased, signal, recoverRun);
  };
  const first = await begin();
  if (first.vm.merged) return first;
  try {
    await first.files.close();
  } finally {
    await first.lease.release();
  }
  const seconds = options.mergeWaitSeconds ?? DEFAULT_MERGE_WAIT_SECONDS;
  const warnings = await settleMerges(deps, vmId, seconds, signal);
  signal.throwIfAborted();
  const second = await begin();
  second.notes.cleaned.unshift(...first.notes.cleaned);
  // The remaining file is part of the chain that is read, if the host still allows a backup
  // checkpoint.
  second.notes.warnings.push(...warnings);
  return second;
}

/** Runs `work`, and always releases the lease after it. */
async function underLease<Run extends Leased>(
  run: Run,
  signal: AbortSignal,
  work: (run: Run, signal: AbortSignal) => Promise<Committed>,
): Promise<Committed> {
  const committed = await orTakenBack(run, signal, work);
  await run.files.close().catch(() => undefined);
  await run.lease.release();
  await pass(run.deps, run.vmId, 'released');
  return committed;
}

/**
 * Runs `work` while the lease is held. After a failure, removes the objects that the run created,
 * and releases the lease.
 */
async function orTakenBack<Run extends Leased, Result>(
  run: Run,
  signal: AbortSignal,
  work: (run: Run, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { lease, undo, deps, files } = run;
  try {
    return await work(run, AbortSignal.any([signal, lease.lost]));
  } catch (error) {
    const lost = signal.aborted ? undefined : await lostVm(run, error);
    // First, since the host cannot merge a file that is open.
    await files.close().catch(() => undefined);
    await undo.unwind((limit) => lease.assertHeld(limit), deps.log);
    await files.close().catch(() => undefined);
    await lease.release();
    throw lost ?? error;
  }
}

/** Time limit for the question whether the VM is still there, in milliseconds. */
const LOST_LIMIT = 10_000;

/**
 * Returns the error of a VM that the host no longer shows: it moved to another host while it was
 * backed up, the account lost its rights, or the host's service stopped. The call that failed does
 * not say so. The checkpoint of a VM that moved is there now and stays in the ledger, so that a
 * later run removes it. Undefined if the VM is still here, or the host does not answer.
 */
async function lostVm({ deps, vmId }: Leased, error: unknown): Promise<Error | undefined> {
  if (!isEngineError(error)) return undefined;
  try {
    return await deps.host.lostVm(vmId, error, AbortSignal.timeout(LOST_LIMIT));
  } catch {
    return undefined;
  }
}

/** Waits for merges after the point is complete: one that remains is only a warning. */
async function mergesAfter(
  deps: RunDeps,
  vmId: Guid,
  options: BackupOptions,
  signal: AbortSignal,
): Promise<readonly RunWarning[]> {
  deps.progress.phase('Merging on the host', 0);
  const begun = deps.now();
  const seconds = options.mergeWaitSeconds ?? DEFAULT_MERGE_WAIT_SECONDS;
  const warnings = await settleMerges(deps, vmId, seconds, signal);
  if (warnings.length === 0) {
    const waited = durationWords(deps.now() - begun);
    await pass(deps, vmId, 'merged', `The host has merged the checkpoint; waited ${waited}`);
  }
  return warnings;
}
