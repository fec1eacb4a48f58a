import { isEngineError, type EngineError } from '../../../base/errors.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { BackupOptions } from '../../host/options.ts';
import type { Reason } from '../../manifest/manifest.ts';
import type { DiskPlan } from '../../plan/plan-backup.ts';
import type { RunNotes } from '../record/run-record.ts';
import type { DiskTask } from '../record/disk-task.ts';

/** What decides whether a disk may become a full within the run. */
interface Run {
  readonly options: Pick<BackupOptions, 'kind'>;
  readonly notes: Pick<RunNotes, 'warnings'>;
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
export function fullInstead(run: Run, task: DiskTask, error: unknown): DiskTask {
  if (task.plan.kind === 'full' || !isReasonForFull(run, error)) throw error;
  const { slot } = task.plan.disk;
  return asFull(run, task, { code: error.code, text: error.message, evidence: { slot } });
}

function isReasonForFull({ options }: Run, error: unknown): error is EngineError {
  return options.kind !== 'incremental' && isEngineError(error, ...FULL_INSTEAD);
}

/** The task as a full, with a warning that says why. Throws `plan.incremental` if an increment was asked for by name. */
export function asFull({ options, notes }: Run, task: DiskTask, why: Reason): DiskTask {
  const { slot } = task.plan.disk;
  if (options.kind === 'incremental') {
    throw backupError('plan.incremental', `An incremental is not possible: ${why.text}`, {
      data: { reason: why.code, slot },
    });
  }
  notes.warnings.push({
    code: why.code,
    message: `${why.text.replace(/\.$/, '')}: the disk at ${slot} is backed up in full.`,
  });
  const plan: DiskPlan = { ...task.plan, kind: 'full', reason: why, base: null };
  return { ...task, plan, parents: [], delta: undefined };
}
