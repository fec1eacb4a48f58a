import { formatBytes } from '../../../base/format-bytes.ts';
import { askChanges, wmiTracker, type TrackedChanges } from '../../changes/ask-changes.ts';
import { pass } from '../../context/run-context.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { HostDisk } from '../../host/host.ts';
import type { Reason } from '../../manifest/manifest.ts';
import { sameSnapshot, type DiskBase, type DiskPlan } from '../../plan/plan-backup.ts';
import { diskChain } from '../../points/point-chain.ts';
import type { DiskReader } from '../../read/contract/method.ts';
import { isShared } from '../../read/rsvd/shared-reader.ts';
import { diskDifference } from '../../select/same-disk.ts';
import type { DiskTask } from '../record/disk-task.ts';
import { asFull, fullInstead } from '../disk/full-instead.ts';
import { slotNumbers } from '../steps/slot-numbers.ts';
import type { Readable, Tasked } from '../record/run-record.ts';
import { becomeFull } from './reserve.ts';

/**
 * Decides what to read of each disk; each frozen file is opened later, when it is read. Queries the
 * tracker for every disk before anything is written, since a wrong answer makes the disk a full.
 */
export async function decideTasks(run: Readable, signal: AbortSignal): Promise<Tasked> {
  const dataStarted = run.deps.now();
  const numbers = await slotNumbers(run.deps, run.vm, run.points, signal);
  const tasks: DiskTask[] = [];
  for (const plan of run.plan.disks) {
    const task = wholeTask(run, plan, numbers.get(plan.disk.slot) ?? 0);
    const since = plannedDifference(run, task);
    if (since !== undefined) tasks.push(asFull(run, task, since));
    else tasks.push(plan.base === null ? task : await increment(run, task, plan.base, signal));
  }
  noteUnplanned(run);
  const [first] = tasks;
  const allFull = first !== undefined && tasks.every((task) => task.plan.kind === 'full');
  const final = allFull ? await becomeFull(run, first.plan.reason, signal) : run;
  await pass(run.deps, run.vmId, 'ranges.known', null);
  const { pointId } = final;
  return { ...final, dataStarted, tasks: tasks.map((task) => ({ ...task, pointId })) };
}

const readerOf = ({ reader, shared }: Readable, disk: HostDisk): DiskReader =>
  isShared(disk) ? shared : reader;

/** Returns the task that reads the whole disk. */
function wholeTask(run: Readable, plan: DiskPlan, fileNumber: number): DiskTask {
  const { slot } = plan.disk;
  const { frozen } = run.disks;
  const disk = frozen.find((other) => other.slot === slot);
  if (disk === undefined) {
    throw backupError('disk.identity', `The checkpoint has no disk at ${slot}`, {
      data: { slot, found: frozen.map((other) => other.slot) },
    });
  }
  return {
    plan,
    frozen: disk,
    number: run.vm.disks.findIndex((other) => other.slot === slot),
    fileNumber,
    vmId: run.vmId,
    pointId: run.pointId,
    parents: [],
    checkTracker: run.options.checkTracker,
    openWhole: (signal) => readerOf(run, disk).openWhole(disk, signal),
    openFrozen: (signal) => readerOf(run, disk).openFrozen(disk, signal),
    delta: undefined,
  };
}

/**
 * Returns why the frozen disk is not the planned one: it was swapped or resized after the plan. A
 * full backs it up as it is now.
 */
function plannedDifference(run: Readable, { plan, frozen }: DiskTask): Reason | undefined {
  const found = diskDifference(plan.disk.slot, plan.disk, frozen) ?? revertedMeanwhile(run);
  if (found === undefined || plan.base !== null) return found;
  const message = `${found.text} The point contains the disk from the checkpoint.`;
  run.notes.warnings.push({ code: found.code, message });
  return undefined;
}

/** Returns a reason for a full if the VM was reverted to a checkpoint after the plan was made. */
function revertedMeanwhile({ vm, disks }: Readable): Reason | undefined {
  const [before, now] = [vm.lastAppliedSnapshot ?? null, disks.lastAppliedSnapshot];
  if (sameSnapshot(before, now)) return undefined;
  const text = 'The VM was reverted to a checkpoint while the backup began.';
  return { code: 'vm.reverted', text, evidence: { before, now } };
}

/**
 * Warns about a disk that was attached after the plan: the checkpoint has it, the point does not.
 */
function noteUnplanned({ plan, notes, disks: { frozen } }: Readable): void {
  const known = new Set(
    [...plan.disks.map(({ disk }) => disk), ...plan.excluded].map((each) => each.slot),
  );
  for (const { slot, path } of frozen.filter((disk: HostDisk) => !known.has(disk.slot))) {
    const message = `The disk at ${slot} (${path}) was attached after planning: this point does not contain it, the next one will.`;
    notes.warnings.push({ code: 'disk.attached', message });
  }
}

async function increment(
  run: Readable,
  task: DiskTask,
  base: DiskBase,
  signal: AbortSignal,
): Promise<DiskTask> {
  const { points, deps } = run;
  const { frozen } = task;
  const reader = readerOf(run, frozen);
  const parents = diskChain(points, base.point, base.record.number);
  const { openChanges } = reader;
  if (openChanges !== undefined) {
    return { ...task, parents, delta: { open: (inner) => openChanges(frozen, inner) } };
  }
  try {
    const delta =
      reader.askChanges === undefined
        ? await askChanges(wmiTracker(deps.host, frozen, base.rctId), frozen, signal)
        : await reader.askChanges(frozen, base.rctId, signal);
    logChanges(run, task, base, delta);
    return { ...withEvidence(task, delta), parents, delta };
  } catch (error) {
    return fullInstead(run, task, error);
  }
}

/** Records facts about the tracker with the reason of the increment. */
function withEvidence(task: DiskTask, { evidence }: TrackedChanges): DiskTask {
  const { plan } = task;
  const reason = { ...plan.reason, evidence: { ...plan.reason.evidence, ...evidence } };
  return { ...task, plan: { ...plan, reason } };
}

function logChanges(
  { deps, points }: Readable,
  { number }: DiskTask,
  { point }: DiskBase,
  { tiled }: TrackedChanges,
): void {
  const { count, bytes } = tiled.ranges;
  const base = points.find(({ id }) => id === point);
  const since = base?.state === 'complete' ? `${base.manifest.created} (point ${point})` : point;
  const answers = tiled.queries.length === 1 ? 'one answer' : `${tiled.queries.length} answers`;
  const message = `Asked for the changes of disk ${number} since ${since}: ${count === 1 ? 'one range' : `${count} ranges`}, ${formatBytes(bytes)}, in ${answers}`;
  deps.log({ level: 'info', area: 'backup', message });
}
