import type { BackupOptions } from '../../api/backup.ts';
import type { JobSpec } from '../../api/jobs.ts';
import {
  GREATEST_MAX_CHAIN,
  GREATEST_MERGE_WAIT_SECONDS,
  GREATEST_PARALLEL_DISKS,
} from '../../backup/host/options.ts';
import type { JsonFields } from '../../base/json-fields.ts';

const TEXT = 4096;
const KINDS: readonly JobSpec['kind'][] = ['backup', 'export', 'restore', 'verify'];

/**
 * Parses the specification of a job. Throws the field's error if a field is missing or out of
 * range.
 */
export function parseJobSpec(f: JsonFields): JobSpec {
  switch (f.oneOf('kind', KINDS)) {
    case 'backup':
      return {
        kind: 'backup',
        host: f.text('host', TEXT),
        vm: f.text('vm', TEXT),
        store: f.text('store', TEXT),
        options: f.object('options', parseOptions),
      };
    case 'export':
      return {
        kind: 'export',
        host: f.text('host', TEXT),
        vm: f.text('vm', TEXT),
        directory: f.text('directory', TEXT),
        since: f.nullable('since', () => f.text('since', TEXT)),
        ...checkpointOf(f),
      };
    case 'restore':
      return {
        kind: 'restore',
        store: f.text('store', TEXT),
        vm: f.text('vm', TEXT),
        point: f.text('point', TEXT),
        disks: f.texts('disks', 1024, TEXT),
        to: f.text('to', TEXT),
        format: f.oneOf('format', ['vhdx', 'raw']),
        force: f.flag('force'),
      };
    case 'verify':
      return {
        kind: 'verify',
        store: f.text('store', TEXT),
        vm: f.text('vm', TEXT),
        points: f.texts('points', 10_000, TEXT),
        quick: f.flag('quick'),
      };
  }
}

/** Absent in jobs of earlier versions. */
function checkpointOf(f: JsonFields): { checkpoint?: string } {
  const checkpoint = f.optional('checkpoint', () => f.text('checkpoint', TEXT));
  return checkpoint === null ? {} : { checkpoint };
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

function parseOptions(f: JsonFields): BackupOptions {
  return {
    kind: f.oneOf('kind', ['auto', 'full', 'incremental']),
    method: f.oneOf('method', ['auto', 'export', 'file', 'smb', 'virtdisk', 'rsvd', 'vss']),
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
  };
}
