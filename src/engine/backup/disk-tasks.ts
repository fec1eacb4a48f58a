import { isEngineError } from '../base/errors.ts';
import type { OpenedDisk } from '../disk/open-disk.ts';
import { askChanges } from './ask-changes.ts';
import type { DiskTask } from './backup-disk.ts';
import { backupError } from './backup-errors.ts';
import { exportedFile } from './exported-file.ts';
import type { HostDisk, HostVm } from './host.ts';
import { openExportedDelta, openFrozenDisk, type HostDiskSource } from './host-disk-source.ts';
import type { BackupOptions } from './options.ts';
import type { BackupPlan, DiskBase, DiskPlan } from './plan-backup.ts';
import type { RunDeps, RunWarning } from './run-context.ts';
import type { PointEntry } from './store/catalog.ts';
import { diskChain } from './store/point-chain.ts';

/** What a run knows once its checkpoint (and export) is there. */
export interface TaskContext {
  readonly deps: RunDeps;
  readonly options: BackupOptions;
  readonly vm: HostVm;
  readonly plan: BackupPlan;
  readonly points: readonly PointEntry[];
  readonly pointId: string;
  /** Folder of the export on the host; undefined where the frozen files are read. */
  readonly exported: string | undefined;
  readonly warn: (warning: RunWarning) => void;
}

/**
 * What is to be done with each disk, with the frozen files opened when their turn comes. The tracker is asked about
 * every disk before anything is written: what it is found out in makes a disk a full.
 */
export async function diskTasks(
  context: TaskContext,
  numbers: ReadonlyMap<string, number>,
  frozen: readonly HostDisk[],
  signal: AbortSignal,
): Promise<DiskTask[]> {
  const tasks: DiskTask[] = [];
  for (const plan of context.plan.disks) {
    const { slot } = plan.disk;
    const disk = frozen.find((other) => other.slot === slot);
    if (disk === undefined) {
      throw backupError('disk.identity', `The checkpoint holds no disk at ${slot}`, {
        data: { slot, found: frozen.map((other) => other.slot) },
      });
    }
    const task: DiskTask = {
      plan,
      frozen: disk,
      number: numbers.get(slot) ?? 0,
      vmId: context.vm.id,
      pointId: context.pointId,
      parents: [],
      checkTracker: context.options.checkTracker,
      openWhole: (inner) => openWhole(context, disk, inner),
      delta: undefined,
    };
    tasks.push(plan.base === null ? task : await increment(context, task, plan.base, signal));
  }
  return tasks;
}

/**
 * A differential export is one for all disks: with a full among them it has to be a full, and only changed ranges of it
 * are taken. So it has to be where the tracker is checked, which takes the whole disk.
 */
export function isDifferential(plan: BackupPlan, options: BackupOptions): boolean {
  return options.checkTracker === 'off' && plan.disks.every((disk) => disk.kind === 'incr');
}

/**
 * The task as a full, where `error` is a reason for one: a tracker that was found out, or a parent in the store that is
 * damaged. Else, or where an increment was asked for by name, the error is thrown.
 */
export function fullInstead(context: TaskContext, task: DiskTask, error: unknown): DiskTask {
  const asked = context.options.kind === 'incremental';
  const possible = context.exported === undefined || !isDifferential(context.plan, context.options);
  const why = isEngineError(error, 'tracker.lied', 'tracker.refused', 'parent.damaged');
  if (task.plan.kind === 'full' || asked || !possible || !why) throw error;
  const { slot } = task.plan.disk;
  const { code, message } = error;
  context.warn({ code, message: `${message}: the disk at ${slot} is backed up in full.` });
  const plan: DiskPlan = {
    ...task.plan,
    kind: 'full',
    reason: { code, text: message, evidence: { slot } },
    base: null,
  };
  return { ...task, plan, parents: [], delta: undefined };
}

async function increment(
  context: TaskContext,
  task: DiskTask,
  base: DiskBase,
  signal: AbortSignal,
): Promise<DiskTask> {
  const { exported, options, plan, points, deps } = context;
  const { frozen } = task;
  const parents = diskChain(points, base.point, base.record.number);
  if (exported !== undefined && isDifferential(plan, options)) {
    const { pathMap } = options;
    const open = async (inner: AbortSignal): Promise<HostDiskSource> =>
      openExportedDelta(await exportedFile(exported, frozen, pathMap), frozen, inner);
    return { ...task, parents, delta: { open } };
  }
  try {
    const delta = await askChanges(deps, frozen, base.rctId, signal);
    return { ...task, parents, delta };
  } catch (error) {
    return fullInstead(context, task, error);
  }
}

async function openWhole(
  { exported, options: { pathMap } }: TaskContext,
  disk: HostDisk,
  signal: AbortSignal,
): Promise<OpenedDisk> {
  if (exported === undefined) return openFrozenDisk(disk, pathMap, signal);
  // The export flattened the disk into one file under a local path of its own.
  const local = await exportedFile(exported, disk, pathMap);
  return openFrozenDisk({ ...disk, path: local }, [{ host: local, local }], signal);
}
