import * as vscode from 'vscode';
import type { BackupOptions } from '../../engine/api/backup.ts';
import { SETTINGS } from '../contributions/setting-table.ts';
import { pathMapOf, type HostSetting } from '../settings/hosts.ts';
import { boundedNumber, oneOf } from '../settings/setting-values.ts';
import type { BackupChoices } from './remembered-choices.ts';

/** Returns the options of a backup: from the settings, from the host as it is now, and from what was chosen for the VM. */
export function backupOptions(
  host: HostSetting,
  kind: BackupOptions['kind'],
  choices: BackupChoices = {},
): BackupOptions {
  const settings = vscode.workspace.getConfiguration('refpoint');
  return {
    kind,
    method: choices.method ?? 'auto',
    consistency: choices.consistency ?? 'default',
    guestBackup: choices.guestBackup ?? 'copy',
    checkTracker: choices.checkTracker ?? usualTrackerCheck(),
    maxChain: Math.round(
      boundedNumber(settings.get<unknown>('maxChain'), SETTINGS['refpoint.maxChain']),
    ),
    parallelDisks: Math.round(
      boundedNumber(settings.get<unknown>('parallelDisks'), SETTINGS['refpoint.parallelDisks']),
    ),
    ...hostOptions(host),
    excludeDisks: choices.leftOut ?? [],
    ...(choices.withoutMembers === undefined ? {} : { withoutMembers: choices.withoutMembers }),
    ...(choices.mergeWaitSeconds === undefined
      ? {}
      : { mergeWaitSeconds: choices.mergeWaitSeconds }),
  };
}

/** Returns the options that follow from a host: where its folders lie, and where it may export to. */
export function hostOptions(host: HostSetting): Pick<BackupOptions, 'pathMap' | 'exportDirectory'> {
  return { pathMap: pathMapOf(host), exportDirectory: host.exportDirectory ?? null };
}

/** Returns the tracker check of the settings. */
export const usualTrackerCheck = (): BackupOptions['checkTracker'] =>
  oneOf<BackupOptions['checkTracker']>(
    vscode.workspace.getConfiguration('refpoint').get<unknown>('checkTracker'),
    SETTINGS['refpoint.checkTracker'],
  );
