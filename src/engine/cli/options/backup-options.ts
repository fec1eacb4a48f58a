import { BACKUP_METHOD_CHOICES, type BackupOptions } from '../../api/backup.ts';
import {
  DEFAULT_MAX_CHAIN,
  DEFAULT_PARALLEL_DISKS,
  GREATEST_MAX_CHAIN,
  GREATEST_MERGE_WAIT_SECONDS,
  GREATEST_PARALLEL_DISKS,
  GREATEST_VSS_WAIT_SECONDS,
} from '../../backup/host/options.ts';
import { DEFAULT_VSS_WAIT_SECONDS } from '../../backup/vss/make-set.ts';
import { parsePathMapping } from '../../backup/host/path-map.ts';
import { DEFAULT_MERGE_WAIT_SECONDS } from '../../backup/recovery/settle-merges.ts';
import { DEFAULT_PARALLEL_JOBS, PARALLEL_PER_HOST } from '../../jobs/list/places.ts';
import { GREATEST_PARALLEL_JOBS } from '../../jobs/spec/job-input.ts';
import type { Context, OptionSpec } from '../contract/command.ts';
import { choice, wholeNumber } from './option-values.ts';

export const MERGE_WAIT: OptionSpec = {
  type: 'value',
  value: 'SECONDS',
  help: `Time limit for merges on the host; default ${DEFAULT_MERGE_WAIT_SECONDS}.`,
};
export const PATH_MAP: OptionSpec = {
  type: 'values',
  value: 'HOST=LOCAL',
  help: 'Maps a folder of the host to a local one, C:\\VMs=/mnt/vms, or to a share, C:\\VMs=\\\\hv01\\vms.',
};

export const PARALLEL: OptionSpec = {
  type: 'value',
  value: 'N',
  help: `Number of this user’s jobs that run at the same time; default ${DEFAULT_PARALLEL_JOBS}, at most ${PARALLEL_PER_HOST} for one host.`,
};

/** Options of a backup of one VM. */
export const BACKUP_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  kind: { type: 'value', value: 'KIND', help: 'auto (default), full or incremental.' },
  method: {
    type: 'value',
    value: 'HOW',
    help: 'auto, file (open the frozen files), smb (the same over the network), export (have Hyper-V write them), virtdisk (by Windows, on the host itself), rsvd (shared disks) or vss (shadow copies of whole volumes).',
  },
  'path-map': PATH_MAP,
  'export-dir': {
    type: 'value',
    value: 'HOSTPATH',
    help: 'Folder on the host for --method export.',
  },
  consistency: {
    type: 'value',
    value: 'LEVEL',
    help: 'application or crash; default application if possible, else crash.',
  },
  'guest-backup': {
    type: 'value',
    value: 'TYPE',
    help: 'copy (default) or full, which may truncate logs in the guest.',
  },
  'check-tracker': {
    type: 'value',
    value: 'HOW',
    help: 'sample (default), full or off: read unchanged parts again and compare.',
  },
  'max-chain': {
    type: 'value',
    value: 'N',
    help: `Maximum number of images in a chain; the next is a full. Default ${DEFAULT_MAX_CHAIN}.`,
  },
  'parallel-disks': {
    type: 'value',
    value: 'N',
    help: `Number of disks that are copied at the same time; default ${DEFAULT_PARALLEL_DISKS}.`,
  },
  'merge-wait': MERGE_WAIT,
  'allow-others': {
    type: 'flag',
    help: 'With --method vss: VMs that are not named may be frozen, too, since they share a volume.',
  },
  'vss-wait': {
    type: 'value',
    value: 'SECONDS',
    help: `With --method vss: pause before a failed set is tried again; default ${DEFAULT_VSS_WAIT_SECONDS}.`,
  },
  'exclude-disk': {
    type: 'values',
    value: 'D',
    help: 'Exclude a disk: number, slot, file name, path or ID.',
  },
  'without-member': {
    type: 'values',
    value: 'VM',
    help: 'With --group: a VM of the last point that may be missing from the group (repeatable).',
  },
};

/** Reads them. Throws `usage`. */
export function backupOptions(context: Context): BackupOptions {
  const levels = ['default', 'application', 'crash'] as const;
  return {
    kind: choice(context, 'kind', ['auto', 'full', 'incremental'] as const, 'auto'),
    method: choice(context, 'method', BACKUP_METHOD_CHOICES, 'auto'),
    consistency: choice(context, 'consistency', levels, 'default'),
    guestBackup: choice(context, 'guest-backup', ['copy', 'full'] as const, 'copy'),
    checkTracker: choice(context, 'check-tracker', ['off', 'sample', 'full'] as const, 'sample'),
    maxChain: wholeNumber(context, 'max-chain', 1, GREATEST_MAX_CHAIN) ?? DEFAULT_MAX_CHAIN,
    parallelDisks:
      wholeNumber(context, 'parallel-disks', 1, GREATEST_PARALLEL_DISKS) ?? DEFAULT_PARALLEL_DISKS,
    ...mergeWait(context),
    pathMap: context.options.texts('path-map').map(parsePathMapping),
    exportDirectory: context.options.text('export-dir') ?? null,
    excludeDisks: context.options.texts('exclude-disk'),
    ...withoutMembers(context),
    ...vssOptions(context),
  };
}

function withoutMembers(context: Context): Pick<BackupOptions, 'withoutMembers'> {
  const vms = context.options.texts('without-member');
  return vms.length === 0 ? {} : { withoutMembers: vms };
}

function vssOptions(context: Context): Pick<BackupOptions, 'allowOthers' | 'vssWaitSeconds'> {
  const wait = wholeNumber(context, 'vss-wait', 0, GREATEST_VSS_WAIT_SECONDS);
  return {
    ...(context.options.flag('allow-others') ? { allowOthers: true } : {}),
    ...(wait === undefined ? {} : { vssWaitSeconds: wait }),
  };
}

export function mergeWait(context: Context): Pick<BackupOptions, 'mergeWaitSeconds'> {
  const seconds = wholeNumber(context, 'merge-wait', 0, GREATEST_MERGE_WAIT_SECONDS);
  return seconds === undefined ? {} : { mergeWaitSeconds: seconds };
}

/** Jobs that may run at the same time. */
export const parallelOf = (context: Context): number =>
  wholeNumber(context, 'parallel', 1, GREATEST_PARALLEL_JOBS) ?? DEFAULT_PARALLEL_JOBS;
