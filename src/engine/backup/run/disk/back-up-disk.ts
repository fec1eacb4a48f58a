import type { RunDeps } from '../../context/run-context.ts';
import type { RoomOfRun } from '../../room/room-of-run.ts';
import type { DiskResult, DiskTask } from '../record/disk-task.ts';
import { backupFull } from './full.ts';
import { backupIncrement } from './increment.ts';

/** Backs up one disk into the point's folder. A failed increment leaves no file there. */
export function backUpDisk(
  deps: RunDeps,
  task: DiskTask,
  room: RoomOfRun,
  signal: AbortSignal,
): Promise<DiskResult> {
  return task.plan.base === null
    ? backupFull(deps, task, room, signal)
    : backupIncrement(deps, task, room, signal);
}
