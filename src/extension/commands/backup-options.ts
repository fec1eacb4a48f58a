import * as vscode from 'vscode';
import type { BackupOptions } from '../../engine/api/backup.ts';
import { pathMapOf, type HostSetting } from '../hosts.ts';

/** The options that follow from settings and host; the kind is the person's choice. */
export function backupOptions(host: HostSetting, kind: BackupOptions['kind']): BackupOptions {
  const settings = vscode.workspace.getConfiguration('refpoint');
  return {
    kind,
    method: 'auto',
    consistency: 'default',
    guestBackup: 'copy',
    checkTracker: settings.get<BackupOptions['checkTracker']>('checkTracker', 'off'),
    maxChain: settings.get<number>('maxChain', 60),
    pathMap: pathMapOf(host),
    exportDirectory: host.exportDirectory ?? null,
    excludeDisks: [],
  };
}
