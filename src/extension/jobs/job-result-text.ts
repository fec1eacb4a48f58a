import * as vscode from 'vscode';
import type { JobInfo, JobResult } from '../../engine/api/jobs.ts';
import { formatBytes } from '../words/format.ts';
import { pointName, pointTime } from '../words/point-name.ts';

const { t } = vscode.l10n;

/** Returns the result of a finished job in the user's language; '' for any other job. */
export function resultText({ spec, result }: Pick<JobInfo, 'spec' | 'result'>): string {
  if (result === null) return '';
  switch (spec.kind) {
    case 'attach':
      return t('the disk is detached');
    case 'backup':
      return backupText(result);
    case 'export':
      return result.kind === 'full'
        ? t('everything was exported to {0} on the host', spec.directory)
        : t('what changed was exported to {0} on the host', spec.directory);
    case 'restore': {
      const point = pointName(result.point ?? spec.point);
      return t('{0} restored to {1}; every disk was read back and is as recorded', point, spec.to);
    }
    case 'import': {
      const point = pointName(result.point ?? spec.point);
      const name = result.vm?.name ?? spec.as ?? '';
      return t('{0} restored as the VM “{1}” in {2} on the host', point, name, spec.hostFolder);
    }
    case 'over':
      return overText(spec.action, pointName(result.point ?? spec.point));
    case 'writer': {
      const point = pointName(result.point ?? spec.point);
      return t('the Hyper-V writer registered the VM from {0}; every disk is as recorded', point);
    }
    case 'verify':
      return verifiedText(result, spec.quick);
  }
}

function overText(action: 'restore' | 'undo' | 'accept', point: string): string {
  if (action === 'undo') return t('the restore of {0} was undone; the VM has its old disks', point);
  return action === 'accept'
    ? t('the restore of {0} was accepted; it cannot be undone', point)
    : t('{0} restored over the disks of the VM; the restore can be undone', point);
}

function backupText({ kind, point, points = [], readBytes }: JobResult): string {
  const read = formatBytes(readBytes);
  if (points.length > 1) {
    return t('full backups of {0} VMs at one instant, {1} read', points.length, read);
  }
  const when = point === null ? '' : pointTime({ id: point });
  return kind === 'full'
    ? t('full backup of {0}, {1} read', when, read)
    : t('incremental backup of {0}, {1} read', when, read);
}

function verifiedText({ verified, damaged }: JobResult, quick: boolean): string {
  if (damaged.length > 0) return t('{0} of {1} points are damaged', damaged.length, verified);
  const points = verified === 1 ? t('1 point') : t('{0} points', verified);
  return quick
    ? t('{0} verified quickly: as recorded', points)
    : t('{0} verified with every hash: as recorded', points);
}
