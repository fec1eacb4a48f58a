import type { Guid } from '../../base/guid.ts';
import { backupDisk, type DiskResult, type DiskTask } from './backup-disk.ts';
import { BackupRun } from './backup-run.ts';
import { saveConfiguration } from './configuration.ts';
import { pass, type RunDeps, type RunWarning } from '../context/run-context.ts';
import type { BackupOptions } from '../host/options.ts';
import type { PointManifest } from '../manifest/manifest.ts';
import type { CleanedItem } from '../recovery/recovery-run.ts';
import { DEFAULT_MERGE_WAIT_SECONDS, settleMerges } from '../recovery/settle-merges.ts';

/** What a backup came to; the CLI prints it. */
export interface BackupResult {
  readonly manifest: PointManifest;
  /** Whole seconds of the run, and those from the first read to the last fsync of data. */
  readonly seconds: number;
  readonly dataSeconds: number;
  /** What an earlier, interrupted run had left. */
  readonly cleaned: readonly CleanedItem[];
  /** The point is there, but what it replaces could not be removed now; the next run does it. */
  readonly unfinished: readonly RunWarning[];
}

/**
 * Backs up one VM, which the caller has found on the host: the state machine of edges.ts. Whatever fails, the point is not committed, the chain before it stands,
 * and what was made on the host is taken back as far as the host can be reached; the rest is recovered by the next run.
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
  const run = await beginRecovered(deps, vmId, options, jobId, signal);
  try {
    await run.prepare(run.signal);
    // What the host does by itself takes as long as it likes: whoever looks on is told what is waited for.
    deps.progress.phase('Checkpoint on the host', 0);
    await run.makeCheckpoint(run.signal);
    const dataStarted = deps.now();
    const tasks = await run.diskTasks(run.signal);
    await run.pass('ranges.known');
    const results = await backupDisks(deps, run, tasks, run.signal);
    await run.pass('data.written');
    const dataSeconds = (deps.now() - dataStarted) / 1000;
    const configFiles = await saveConfiguration(
      deps,
      run.point,
      run.checkpointId,
      options.pathMap,
      run.exportDirectory,
      run.signal,
    );
    await run.pass('config.written');
    deps.progress.phase('Reference point on the host', 0);
    await run.convert(run.signal);
    const manifest = await run.commit(results, configFiles, run.signal);
    const finished = await run.finish(run.signal);
    await run.end();
    const unfinished = [...finished, ...(await mergesAfter(deps, vmId, options, signal))];
    const seconds = (deps.now() - started) / 1000;
    return { manifest, seconds, dataSeconds, cleaned: run.cleaned, unfinished };
  } catch (error) {
    await run.takeBack();
    throw error;
  } finally {
    await run.end();
  }
}

/** Takes the lease and recovers what an earlier run left. Merges that follow are waited for without the lease. */
async function beginRecovered(
  deps: RunDeps,
  vmId: Guid,
  options: BackupOptions,
  jobId: string,
  signal: AbortSignal,
): Promise<BackupRun> {
  const begin = async (): Promise<{ readonly run: BackupRun; readonly merged: boolean }> => {
    const run = await BackupRun.begin(deps, vmId, options, jobId, signal);
    try {
      await run.recover(run.signal);
      return { run, merged: await run.look(run.signal) };
    } catch (error) {
      await run.takeBack();
      await run.end();
      throw error;
    }
  };
  const { run: first, merged } = await begin();
  if (merged) return first;
  await first.end();
  const seconds = options.mergeWaitSeconds ?? DEFAULT_MERGE_WAIT_SECONDS;
  const warnings = await settleMerges(deps, vmId, seconds, signal);
  signal.throwIfAborted();
  const { run: second } = await begin();
  second.cleaned.unshift(...first.cleaned);
  // The chain is read through the file that is left, if the host lets the backup checkpoint be made.
  second.warn(warnings);
  return second;
}

/** The point is complete: a merge that remains is only told. */
async function mergesAfter(
  deps: RunDeps,
  vmId: Guid,
  options: BackupOptions,
  signal: AbortSignal,
): Promise<readonly RunWarning[]> {
  deps.progress.phase('Merging on the host', 0);
  const seconds = options.mergeWaitSeconds ?? DEFAULT_MERGE_WAIT_SECONDS;
  const warnings = await settleMerges(deps, vmId, seconds, signal);
  if (warnings.length === 0) await pass(deps, vmId, 'merged');
  return warnings;
}

/** One disk after the other: each keeps several reads and writes under way by itself. */
async function backupDisks(
  deps: RunDeps,
  run: BackupRun,
  tasks: readonly DiskTask[],
  signal: AbortSignal,
): Promise<DiskResult[]> {
  const results: DiskResult[] = [];
  // By size of the disks: what will be read of each is known only when its turn comes.
  deps.progress.whole?.(tasks.reduce((sum, { frozen }) => sum + (frozen.virtualSize ?? 0), 0));
  for (const [i, task] of tasks.entries()) {
    try {
      results.push(await backupDisk(deps, task, signal));
    } catch (error) {
      const full = run.fullInstead(task, error);
      // Nothing is in the point's folder yet, and nothing will be an increment: it can have a full's id.
      if (tasks.length === 1 && i === 0) await run.becomeFull(full.plan.reason, signal);
      results.push(await backupDisk(deps, { ...full, pointId: run.point.id }, signal));
    }
  }
  return results;
}
