import { BACKUP_METHOD_CHOICES, type BackupOptions } from '../../api/backup.ts';
import {
  GREATEST_MAX_CHAIN,
  GREATEST_MERGE_WAIT_SECONDS,
  GREATEST_PARALLEL_DISKS,
  GREATEST_VSS_WAIT_SECONDS,
} from '../../backup/host/options.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import { TEXT } from './spec-of.ts';

/** Reads the options of a backup. */
export function parseBackupOptions(f: JsonFields): BackupOptions {
  return {
    kind: f.oneOf('kind', ['auto', 'full', 'incremental']),
    method: f.oneOf('method', BACKUP_METHOD_CHOICES),
    consistency: f.oneOf('consistency', ['application', 'crash', 'default']),
    guestBackup: f.oneOf('guestBackup', ['copy', 'full']),
    checkTracker: f.oneOf('checkTracker', ['off', 'sample', 'full']),
    maxChain: f.integer('maxChain', 1, GREATEST_MAX_CHAIN),
    ...mergeWait(f),
    ...parallelDisks(f),
    pathMap: f.objects('pathMap', 1024, (each) => ({
      host: each.text('host', TEXT),
      local: each.text('local', TEXT),
    })),
    exportDirectory: f.nullable('exportDirectory', () => f.text('exportDirectory', TEXT)),
    excludeDisks: f.texts('excludeDisks', 1024, TEXT),
    ...withoutMembers(f),
    ...vssOptions(f),
  };
}

/** Absent in jobs of earlier versions. */
function withoutMembers(f: JsonFields): Pick<BackupOptions, 'withoutMembers'> {
  const vms = f.optional('withoutMembers', () => f.texts('withoutMembers', 1024, TEXT));
  return vms === null ? {} : { withoutMembers: vms };
}

/** Absent with other methods, and in jobs of earlier versions. */
function vssOptions(f: JsonFields): Pick<BackupOptions, 'allowOthers' | 'vssWaitSeconds'> {
  const allowOthers = f.optional('allowOthers', () => f.flag('allowOthers'));
  const name = 'vssWaitSeconds';
  const vssWaitSeconds = f.optional(name, () => f.integer(name, 0, GREATEST_VSS_WAIT_SECONDS));
  return {
    ...(allowOthers === null ? {} : { allowOthers }),
    ...(vssWaitSeconds === null ? {} : { vssWaitSeconds }),
  };
}

/** Absent in jobs of earlier versions. */
function mergeWait(f: JsonFields): Pick<BackupOptions, 'mergeWaitSeconds'> {
  const name = 'mergeWaitSeconds';
  const seconds = f.optional(name, () => f.integer(name, 0, GREATEST_MERGE_WAIT_SECONDS));
  return seconds === null ? {} : { mergeWaitSeconds: seconds };
}

/** Absent in jobs of earlier versions. */
function parallelDisks(f: JsonFields): Pick<BackupOptions, 'parallelDisks'> {
  const name = 'parallelDisks';
  const disks = f.optional(name, () => f.integer(name, 1, GREATEST_PARALLEL_DISKS));
  return disks === null ? {} : { parallelDisks: disks };
}
