import * as vscode from 'vscode';
import type { BackupOptions } from '../../engine/api/backup.ts';
import { SETTINGS } from '../contributions/setting-table.ts';
import { pathMapOf, type HostSetting } from '../hosts.ts';
import { boundedNumber, oneOf } from '../setting-values.ts';

/** The options that follow from settings and host; the kind is the person's choice. */
export function backupOptions(host: HostSetting, kind: BackupOptions['kind']): BackupOptions {
  const settings = vscode.workspace.getConfiguration('refpoint');
  return {
    kind,
    method: 'auto',
    consistency: 'default',
    guestBackup: 'copy',
    checkTracker: oneOf<BackupOptions['checkTracker']>(
      settings.get<unknown>('checkTracker'),
      SETTINGS['refpoint.checkTracker'],
    ),
    maxChain: Math.round(
      boundedNumber(settings.get<unknown>('maxChain'), SETTINGS['refpoint.maxChain']),
    ),
    pathMap: pathMapOf(host),
    exportDirectory: host.exportDirectory ?? null,
    excludeDisks: [],
  };
}
