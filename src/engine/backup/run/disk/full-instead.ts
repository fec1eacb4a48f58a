import type { BackupOptions } from '../../../api/backup.ts';
import { isEngineError, type EngineError } from '../../../base/errors.ts';
import { backupError } from '../../errors/backup-errors.ts';
import type { Reason } from '../../manifest/manifest.ts';
import type { DiskPlan } from '../../plan/plan-backup.ts';
import type { RunNotes } from '../record/run-record.ts';
import type { DiskTask } from '../record/disk-task.ts';

/** Facts that decide whether a disk may become a full within the run. */
interface Run {
  readonly options: Pick<BackupOptions, 'kind'>;
  readonly notes: Pick<RunNotes, 'warnings'>;
}

/**
 * Errors after which the disk is backed up in full, whatever the read method: a full of the same
 * checkpoint is still correct.
 */
const FULL_INSTEAD = [
  'tracker.lied',
  'tracker.refused',
  'virtdisk.answer',
  'virtdisk.tracking.inconsistent',
  'virtdisk.tracking.lost',
  'virtdisk.tracking.off',
  'virtdisk.tracking.storage',
  'virtdisk.tracking.unknownId',
  'parent.damaged',
  'disk.changed',
  'export.full',
  'export.missing',
  'export.refused',
] as const;

/**
 * Returns the task as a full if `error` allows it. Otherwise, or if an increment was requested
 * explicitly, throws it.
 */
export function fullInstead(run: Run, task: DiskTask, error: unknown): DiskTask {
  if (task.plan.kind === 'full' || !isReasonForFull(run, error)) throw error;
  const { slot } = task.plan.disk;
  const evidence = { slot, ...windowsCode(error) };
  return asFull(run, task, { code: error.code, text: error.message, evidence });
}

/** Returns the number and name of an error that Windows answered. */
function windowsCode({ data }: EngineError): Reason['evidence'] {
  const { hex, name } = data;
  return typeof hex !== 'string'
    ? {}
    : { error: hex, name: typeof name === 'string' ? name : null };
}

function isReasonForFull({ options }: Run, error: unknown): error is EngineError {
  return options.kind !== 'incremental' && isEngineError(error, ...FULL_INSTEAD);
}

/**
 * Returns the task as a full, with a warning that explains why. Throws `plan.incremental` if an
 * increment was requested explicitly.
 */
export function asFull({ options, notes }: Run, task: DiskTask, why: Reason): DiskTask {
  const { slot } = task.plan.disk;
  if (options.kind === 'incremental') {
    throw backupError('plan.incremental', `An incremental backup is not possible: ${why.text}`, {
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
