import * as vscode from 'vscode';
import type { BackupOptions } from '../../engine/api/backup.ts';
import type { BackupChoices } from './remembered-choices.ts';

const { t } = vscode.l10n;

/** Labels of the values of an option. */
export const CONSISTENCY_LABELS: Readonly<Record<BackupOptions['consistency'], () => string>> = {
  default: () => t('Application if possible, else crash'),
  application: () => t('Application-consistent, or fail'),
  crash: () => t('Crash-consistent'),
};

export const GUEST_BACKUP_LABELS: Readonly<Record<BackupOptions['guestBackup'], () => string>> = {
  copy: () => t('Copy backup in the guest'),
  full: () => t('Full backup in the guest'),
};

export const METHOD_LABELS: Readonly<Record<'auto' | 'file' | 'export', () => string>> = {
  auto: () => t('Whichever is possible'),
  file: () => t('Open the frozen disks as files'),
  export: () => t('Let the host export the disks'),
};

export const CHECK_LABELS: Readonly<Record<BackupOptions['checkTracker'], () => string>> = {
  off: () => t('No tracker check'),
  sample: () => t('Tracker check by sample'),
  full: () => t('Full tracker check'),
};

/** Seconds that a backup waits for merges; ten minutes if absent. */
export function mergeWaitText(seconds: number | undefined): string {
  if (seconds === undefined) return t('At most 10 minutes');
  return seconds === 0 ? t('No wait for merges') : t('At most {0} for merges', formatWait(seconds));
}

const formatWait = (seconds: number): string =>
  seconds < 3600 ? t('{0} min', seconds / 60) : t('{0} h', seconds / 3600);

/** The choices that differ from the defaults, in one line; of several VMs, whether there are any. */
export function describeChoices(all: readonly BackupChoices[]): string {
  const [only, ...more] = all;
  if (only === undefined) return '';
  if (more.length > 0) {
    const chosen = all.filter((each) => Object.keys(each).length > 0).length;
    return chosen === 0 ? t('defaults') : t('chosen for {0} of {1} VMs', chosen, all.length);
  }
  const {
    withoutMembers,
    leftOut = [],
    consistency,
    guestBackup,
    method,
    checkTracker,
    mergeWaitSeconds,
  } = only;
  const parts = [
    ...leftOut.map((slot) => t('without {0}', slot)),
    ...(withoutMembers === undefined ? [] : [t('without former members')]),
    ...(consistency === undefined ? [] : [CONSISTENCY_LABELS[consistency]()]),
    ...(guestBackup === undefined ? [] : [GUEST_BACKUP_LABELS[guestBackup]()]),
    ...(method === 'file' || method === 'export' ? [METHOD_LABELS[method]()] : []),
    ...(checkTracker === undefined ? [] : [CHECK_LABELS[checkTracker]()]),
    ...(mergeWaitSeconds === undefined ? [] : [mergeWaitText(mergeWaitSeconds)]),
  ];
  return parts.length === 0 ? t('defaults') : parts.join(' · ');
}
