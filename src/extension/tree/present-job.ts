import * as vscode from 'vscode';
import type { JobInfo } from '../../engine/api/jobs.ts';
import { presentCode } from '../errors/present-error.ts';
import { formatAgo, formatSecond, formatSeconds, formatTime } from '../words/format.ts';
import { pointName } from '../words/point-name.ts';
import { resultText } from '../jobs/job-result-text.ts';
import { isLive } from '../jobs/live-job.ts';
import type { JobNode } from '../nodes/nodes.ts';
import type { Row } from './row.ts';
import { jobTitle, isDamaged, stateText } from '../jobs/job-text.ts';

const { t } = vscode.l10n;

const ICONS: Readonly<Record<JobInfo['state'], readonly [string, string?]>> = {
  queued: ['watch'],
  running: ['sync~spin'],
  done: ['pass', 'charts.green'],
  failed: ['error', 'list.errorForeground'],
  cancelled: ['circle-slash'],
  interrupted: ['debug-disconnect', 'list.warningForeground'],
};

export function presentJob({ id, job }: JobNode): Row {
  const damaged = isDamaged(job);
  const [icon, color] = damaged ? (['error', 'list.errorForeground'] as const) : ICONS[job.state];
  const state = stateText(job);
  const title = jobTitle(job);
  return {
    id,
    label: title,
    description: isLive(job) ? state : `${state} · ${formatAgo(job.started)}`,
    facts: factsOf(job),
    icon,
    ...(color === undefined ? {} : { color }),
    context: contextOf(job),
    children: 'none',
    spoken: `${title}, ${state}, ${t('started {0}', formatTime(job.started))}`,
  };
}

function factsOf(job: JobInfo): Row['facts'] {
  const { spec, result } = job;
  const seconds = (Date.parse(job.heartbeat) - Date.parse(job.started)) / 1000;
  return [
    [t('State'), stateText(job)],
    job.state !== 'interrupted'
      ? ''
      : spec.kind === 'writer'
        ? t(
            'Its process ended before it was done. The VM may be deleted; its files stay: run it again.',
          )
        : t('Its process ended before it was done. Nothing is lost: run it again, or clean up.'),
    job.elsewhere ? elsewhereText(job) : '',
    [t('Result'), resultText(job)],
    job.error === null ? '' : presentCode(job.error.code, job.error.message).text,
    ...(result?.warnings ?? []).slice(0, 10).map(({ message }) => message),
    [t('Started'), formatSecond(job.started)],
    [t('Took'), isLive(job) ? '' : formatSeconds(seconds)],
    [t('Store'), spec.kind === 'export' ? '' : spec.store],
    [t('Point'), pointText(job)],
    [t('Id of the point'), pointIdOf(job)],
    [t('To'), spec.kind === 'restore' ? spec.to : spec.kind === 'export' ? spec.directory : ''],
    [t('VM'), vmsOf(spec)],
    [t('Process'), [job.pid > 0 ? String(job.pid) : '', job.machine].filter(Boolean).join(', ')],
  ];
}

/** IDs of the VMs of a job, a few of them if it has many. */
function vmsOf(spec: JobInfo['spec']): string {
  const [first = spec.vm, ...more] = spec.kind === 'backup' ? (spec.vms ?? []) : [];
  const shown = [first, ...more.slice(0, 4)].join(', ');
  return more.length > 4 ? `${shown}, ${t('and {0} more', more.length - 4)}` : shown;
}

/** `latest`, or an id. */
const pointIdOf = ({ spec, result }: Pick<JobInfo, 'spec' | 'result'>): string =>
  result?.point ?? (spec.kind === 'restore' || spec.kind === 'attach' ? spec.point : '');

function pointText(job: Pick<JobInfo, 'spec' | 'result'>): string {
  const id = pointIdOf(job);
  return id === '' ? '' : pointName(id);
}

const elsewhereText = ({ owner }: JobInfo): string =>
  owner === null
    ? t('Another account, terminal or machine runs it; it can be cancelled there.')
    : t('{0} runs it elsewhere; it can be cancelled there.', owner);

/** Words that menus look at. */
function contextOf(job: JobInfo): readonly string[] {
  const ended = !isLive(job);
  const again = job.state === 'failed' || job.state === 'cancelled' || job.state === 'interrupted';
  const backup = job.spec.kind === 'backup';
  return [
    'job',
    ...(ended ? ['ended'] : ['live']),
    ...(job.elsewhere ? [] : ['here']),
    ...(again ? ['again'] : []),
    ...(again && (backup || ['export', 'over', 'writer'].includes(job.spec.kind))
      ? ['cleanable']
      : []),
    ...(job.spec.kind === 'over' && job.spec.action === 'restore' && job.state === 'done'
      ? ['restored']
      : []),
    ...(backup && typeof job.result?.point === 'string' ? ['report'] : []),
    ...(job.log === null ? [] : ['log']),
    ...(job.trace === null ? [] : ['trace']),
    'id',
    'json',
    ...(job.elsewhere ? [] : ['command']),
  ];
}
