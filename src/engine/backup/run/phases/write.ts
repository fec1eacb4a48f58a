import { formatBytes } from '../../../base/format-bytes.ts';
import { durationWords } from '../../../base/words/duration.ts';
import { forEachInFlight } from '../../../base/in-flight.ts';
import { pass } from '../../context/run-context.ts';
import { DEFAULT_PARALLEL_DISKS } from '../../host/options.ts';
import { RoomOfRun } from '../../room/room-of-run.ts';
import { saveConfiguration } from '../steps/configuration.ts';
import { backUpDisk } from '../disk/back-up-disk.ts';
import type { DiskResult } from '../record/disk-task.ts';
import { fullInstead } from '../disk/full-instead.ts';
import { ParallelProgress } from '../steps/parallel-progress.ts';
import type { Tasked, Written } from '../record/run-record.ts';
import { becomeFull } from './reserve.ts';

/**
 * Writes every disk and the configuration to the store. Throws `store.space`, and errors of host
 * and store.
 */
export async function writePoint(run: Tasked, signal: AbortSignal): Promise<Written> {
  const { deps, vmId } = run;
  const { run: copied, results } = await writeDisks(run, signal);
  const dataSeconds = (deps.now() - run.dataStarted) / 1000;
  await pass(deps, vmId, 'data.written', writtenWords(results, dataSeconds));
  const configFiles = await saveConfiguration(copied, signal);
  const words = `The configuration was written to the store (files: ${configFiles.length})`;
  await pass(deps, vmId, 'config.written', words);
  return { ...copied, results, configFiles, dataSeconds };
}

/** Writes several disks at once, each with several reads and writes in progress. */
async function writeDisks(
  run: Tasked,
  signal: AbortSignal,
): Promise<{ readonly run: Tasked; readonly results: readonly DiskResult[] }> {
  const { deps, tasks, options } = run;
  const limit = Math.min(tasks.length, options.parallelDisks ?? DEFAULT_PARALLEL_DISKS);
  const room = new RoomOfRun(deps.store, limit > 1);
  const progress = new ParallelProgress(deps.progress);
  // By the size of the disks: the number of bytes to read is known only when each disk is opened.
  deps.progress.whole?.(tasks.reduce((sum, { frozen }) => sum + (frozen.virtualSize ?? 0), 0));
  const results: DiskResult[] = [];
  let current = run;
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const write = async (at: number): Promise<void> => {
    const task = tasks[at];
    if (task === undefined) return;
    const own = { ...deps, progress: progress.begin() };
    try {
      results[at] = await backUpDisk(own, task, room, either);
    } catch (error) {
      if (either.aborted) throw error;
      const full = fullInstead(run, task, error);
      // The point's folder is still empty and no disk will be an increment, so the point can get a
      // full's ID.
      if (tasks.length === 1) current = await becomeFull(run, full.plan.reason, either);
      const again = { ...full, pointId: current.pointId };
      results[at] = await backUpDisk(own, again, room, either);
    } finally {
      own.progress.end();
    }
  };
  const orStop = (at: number): Promise<void> =>
    write(at).catch((error: unknown) => {
      // The other disks are useless without this one.
      if (!stop.signal.aborted) stop.abort(error);
      throw error;
    });
  await forEachInFlight(tasks.keys(), limit, orStop, signal);
  return { run: current, results };
}

function writtenWords(results: readonly DiskResult[], seconds: number): string {
  const read = results.reduce((sum, { record }) => sum + record.readBytes, 0);
  const stored = results.reduce((sum, { record }) => sum + record.writtenBytes, 0);
  const rate = seconds > 0 ? `, ${formatBytes(read / seconds)}/s` : '';
  return `Every disk is in the store: ${formatBytes(read)} read in ${durationWords(seconds * 1000)}${rate}, ${formatBytes(stored)} stored`;
}
