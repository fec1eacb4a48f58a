import { isEngineError, type EngineError } from '../../base/errors.ts';
import type { OpenedDisk } from '../../disk/chain/open-disk.ts';
import { askChanges } from '../changes/ask-changes.ts';
import type { DiskTask } from './backup-disk.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { FrozenDisks, HostDisk, HostVm } from '../host/host.ts';
import type { Reason } from '../manifest/manifest.ts';
import {
  openExportedDelta,
  openFrozenDisk,
  type HostDiskSource,
} from '../read/source/host-disk-source.ts';
import type { BackupOptions } from '../host/options.ts';
import { toLocalPath, type PathMapping } from '../host/path-map.ts';
import {
  sameSnapshot,
  type BackupPlan,
  type DiskBase,
  type DiskPlan,
} from '../plan/plan-backup.ts';
import { diskDifference } from '../select/same-disk.ts';
import type { ExportStage } from '../read/export/export-stage.ts';
import { requireCurrent } from '../read/file/require-current.ts';
import type { RunDeps, RunWarning } from '../context/run-context.ts';
import type { PointEntry } from '../points/catalog.ts';
import { diskChain } from '../points/point-chain.ts';

/** What a run knows once its checkpoint (and export) is there. */
export interface TaskContext {
  readonly deps: RunDeps;
  readonly options: BackupOptions;
  readonly vm: HostVm;
  /** The disks that the checkpoint holds, and the same VM once it was made. */
  readonly disks: FrozenDisks;
  readonly plan: BackupPlan;
  readonly points: readonly PointEntry[];
  readonly pointId: string;
  /** What the host exports; undefined if the frozen files are read. */
  readonly exports: ExportStage | undefined;
  readonly warn: (warning: RunWarning) => void;
}

/**
 * What is to be done with each disk, with the frozen files opened when their turn comes. The tracker is asked about
 * every disk before anything is written: what it is found out in makes a disk a full.
 */
export async function diskTasks(
  context: TaskContext,
  fileNumbers: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<DiskTask[]> {
  const { frozen } = context.disks;
  const tasks: DiskTask[] = [];
  if (context.exports === undefined) await requireCurrentFiles(context, signal);
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
      number: context.vm.disks.findIndex((other) => other.slot === slot),
      fileNumber: fileNumbers.get(slot) ?? 0,
      vmId: context.vm.id,
      pointId: context.pointId,
      parents: [],
      checkTracker: context.options.checkTracker,
      openWhole: (inner) => openWhole(context, disk, inner),
      openFrozen: (inner) => openFrozen(context, disk, inner),
      delta: undefined,
    };
    const since = plannedDifference(context, task);
    if (since !== undefined) tasks.push(asFull(context, task, since));
    else tasks.push(plan.base === null ? task : await increment(context, task, plan.base, signal));
  }
  noteUnplanned(context);
  return tasks;
}

/** Before anything is asked or read: no frozen file is a stale copy. Throws `path.stale`. */
async function requireCurrentFiles(
  { deps, plan, disks: { frozen, active }, options: { pathMap } }: TaskContext,
  signal: AbortSignal,
): Promise<void> {
  const { listingPauses: pauses } = deps;
  const planned = new Set(plan.disks.map(({ disk }) => disk.slot));
  for (const disk of frozen.filter(({ slot }) => planned.has(slot))) {
    await requireCurrent(disk, { active, pathMap, pauses }, signal);
  }
}

/** Why the frozen disk is not the planned one: it was swapped or resized after the plan. A full takes it as it is now. */
function plannedDifference(context: TaskContext, { plan, frozen }: DiskTask): Reason | undefined {
  const { warn } = context;
  const found = diskDifference(plan.disk.slot, plan.disk, frozen) ?? revertedMeanwhile(context);
  if (found === undefined || plan.base !== null) return found;
  warn({ code: found.code, message: `${found.text} The point holds it as the checkpoint has it.` });
  return undefined;
}

/** The VM was reverted to a checkpoint after the plan was made. */
function revertedMeanwhile({ vm, disks }: TaskContext): Reason | undefined {
  const [before, now] = [vm.lastAppliedSnapshot ?? null, disks.lastAppliedSnapshot];
  if (sameSnapshot(before, now)) return undefined;
  const text = 'The VM was reverted to a checkpoint while the backup began.';
  return { code: 'vm.reverted', text, evidence: { before, now } };
}

/** A disk that was attached after the plan is in the checkpoint and not in the point. */
function noteUnplanned({ plan, warn, disks: { frozen } }: TaskContext): void {
  const known = new Set(
    [...plan.disks.map(({ disk }) => disk), ...plan.excluded].map((each) => each.slot),
  );
  for (const { slot, path } of frozen.filter((disk) => !known.has(disk.slot))) {
    const message = `The disk at ${slot} (${path}) was attached after the plan was made: this point does not hold it, the next one will.`;
    warn({ code: 'disk.attached', message });
  }
}

/**
 * Whether the host is asked for an export of the changes. It is one for all disks: with a full among them it has to be a
 * full, and only changed ranges of it are taken. So it has to be if every unchanged part is to be checked and the frozen
 * files do not lie under the path map.
 */
export function isDifferential(plan: BackupPlan, options: BackupOptions): boolean {
  if (!plan.disks.every((disk) => disk.kind === 'incr')) return false;
  return (
    options.checkTracker !== 'full' ||
    plan.disks.every(({ disk }) => isMapped(disk.path, options.pathMap))
  );
}

function isMapped(hostPath: string, pathMap: readonly PathMapping[]): boolean {
  try {
    toLocalPath(hostPath, pathMap);
    return true;
  } catch {
    return false;
  }
}

/** Errors that make an increment a full, whatever the read method: a full of the same checkpoint is still right. */
const FULL_INSTEAD = [
  'tracker.lied',
  'tracker.refused',
  'parent.damaged',
  'disk.changed',
  'export.full',
  'export.missing',
  'export.refused',
] as const;

/** Returns the task as a full if `error` is a reason for one. Else, or if an increment was asked for by name, throws it. */
export function fullInstead(context: TaskContext, task: DiskTask, error: unknown): DiskTask {
  if (task.plan.kind === 'full' || !isReasonForFull(context.options, error)) throw error;
  const { slot } = task.plan.disk;
  return asFull(context, task, { code: error.code, text: error.message, evidence: { slot } });
}

/** Whether a run that was not told to be an increment takes a full after this error. */
export function isReasonForFull(options: BackupOptions, error: unknown): error is EngineError {
  return options.kind !== 'incremental' && isEngineError(error, ...FULL_INSTEAD);
}

function asFull(context: TaskContext, task: DiskTask, why: Reason): DiskTask {
  const { slot } = task.plan.disk;
  if (context.options.kind === 'incremental') {
    throw backupError('plan.incremental', `An incremental is not possible: ${why.text}`, {
      data: { reason: why.code, slot },
    });
  }
  context.warn({
    code: why.code,
    message: `${endless(why.text)}: the disk at ${slot} is backed up in full.`,
  });
  const plan: DiskPlan = { ...task.plan, kind: 'full', reason: why, base: null };
  return { ...task, plan, parents: [], delta: undefined };
}

const endless = (text: string): string => text.replace(/\.$/, '');

async function increment(
  context: TaskContext,
  task: DiskTask,
  base: DiskBase,
  signal: AbortSignal,
): Promise<DiskTask> {
  const { exports, points, deps } = context;
  const { frozen } = task;
  const parents = diskChain(points, base.point, base.record.number);
  if (exports?.differential === true) {
    const open = async (inner: AbortSignal): Promise<HostDiskSource> =>
      openExportedDelta(await exports.changesOf(frozen), frozen, inner);
    return { ...task, parents, delta: { open } };
  }
  try {
    const delta = await askChanges(deps, frozen, base.rctId, signal);
    return { ...task, parents, delta };
  } catch (error) {
    return fullInstead(context, task, error);
  }
}

/** The frozen file, if it is there and is not a stale copy. */
async function openFrozen(
  { deps, disks: { active }, options: { pathMap } }: TaskContext,
  disk: HostDisk,
  signal: AbortSignal,
): Promise<OpenedDisk> {
  const pauses = deps.listingPauses;
  await requireCurrent(disk, { active, pathMap, pauses }, signal);
  return openFrozenDisk(disk, pathMap, signal);
}

async function openWhole(
  { exports, options: { pathMap } }: TaskContext,
  disk: HostDisk,
  signal: AbortSignal,
): Promise<OpenedDisk> {
  if (exports === undefined) return openFrozenDisk(disk, pathMap, signal);
  // The export flattened the disk into one file under a local path of its own.
  const local = await exports.wholeOf(disk, signal);
  return openFrozenDisk({ ...disk, path: local }, [{ host: local, local }], signal);
}
