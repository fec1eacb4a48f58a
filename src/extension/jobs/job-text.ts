import * as vscode from 'vscode';
import type { JobInfo, JobSpec } from '../../engine/api/jobs.ts';
import { presentCode } from '../errors/present-error.ts';
import { formatBytes, formatSeconds } from '../words/format.ts';

const { t } = vscode.l10n;

type Title = (name: string) => string;

const KINDS: Readonly<Record<Exclude<JobSpec['kind'], 'over'>, Title>> = {
  attach: (name) => t('Attach {0}', name),
  backup: (name) => t('Back up {0}', name),
  export: (name) => t('Export {0}', name),
  import: (name) => t('Restore {0} as a VM', name),
  restore: (name) => t('Restore {0}', name),
  verify: (name) => t('Verify {0}', name),
  writer: (name) => t('Restore {0} with the Hyper-V writer', name),
};

const OVER: Readonly<Record<'accept' | 'restore' | 'undo', Title>> = {
  restore: (name) => t('Restore over {0}', name),
  undo: (name) => t('Undo restore over {0}', name),
  accept: (name) => t('Accept restore over {0}', name),
};

/** `Back up web01`. */
export function jobTitle({ spec, title }: Pick<JobInfo, 'spec' | 'title'>): string {
  return spec.kind === 'over' ? OVER[spec.action](title) : KINDS[spec.kind](title);
}

export const isDamaged = (job: JobInfo): boolean =>
  job.state === 'done' && (job.result?.damaged.length ?? 0) > 0;

/** Returns the phase or the result of a job in a few words. */
export function stateText(job: JobInfo): string {
  switch (job.state) {
    case 'queued':
    case 'running':
      return job.elsewhere ? t('running elsewhere') : progressText(job);
    case 'done':
      return isDamaged(job) ? t('damage found') : t('done');
    case 'failed':
      return job.error === null ? t('failed') : presentCode(job.error.code, '').sentence;
    case 'cancelled':
      return t('cancelled');
    case 'interrupted':
      return t('interrupted');
  }
}

export function progressText({
  state,
  queue,
  ahead,
  progress,
  stopping,
}: Pick<JobInfo, 'state' | 'queue' | 'ahead' | 'progress' | 'stopping'>): string {
  if (state === 'queued' && queue?.claiming !== true) return waitingText(ahead ?? 0);
  if (stopping) return t('cancelling…');
  if (progress === null) return t('starting');
  const { phase, bytesPerSecond, secondsLeft } = progress;
  const percent = progress.percent ?? percentOf(progress);
  return [
    phase,
    ...(percent === undefined ? [] : [`${percent} %`]),
    ...(percent === undefined || bytesPerSecond <= 0
      ? []
      : [t('{0}/s', formatBytes(bytesPerSecond))]),
    ...(secondsLeft === null ? [] : [t('{0} left', formatSeconds(secondsLeft))]),
  ].join(' · ');
}

function waitingText(ahead: number): string {
  if (ahead === 0) return t('Waiting: it is next');
  return ahead === 1
    ? t('Waiting: 1 job is before it')
    : t('Waiting: {0} jobs are before it', ahead);
}

/** Whole percents of the phase, rounded down; undefined where its size is not known. */
function percentOf({
  done,
  total,
}: {
  readonly done: number;
  readonly total: number;
}): number | undefined {
  return total <= 0 ? undefined : Math.min(100, Math.floor((done / total) * 100));
}
