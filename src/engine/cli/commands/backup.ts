import { newBackupJob, runJob } from '../../jobs/store/job.ts';
import { userLedger } from '../../backup/ledger/ledger-file.ts';
import {
  DEFAULT_MAX_CHAIN,
  DEFAULT_PARALLEL_DISKS,
  GREATEST_MAX_CHAIN,
  GREATEST_MERGE_WAIT_SECONDS,
  GREATEST_PARALLEL_DISKS,
} from '../../backup/host/options.ts';
import { DEFAULT_MERGE_WAIT_SECONDS } from '../../backup/recovery/settle-merges.ts';
import { parsePathMapping } from '../../backup/host/path-map.ts';
import type { BackupResult } from '../../backup/run/run-backup.ts';
import type { BackupMethodChoice, BackupOptions, CleanedItem } from '../../api/backup.ts';
import type { RunDeps } from '../../backup/context/run-context.ts';
import type { Store } from '../../backup/store/contract/store.ts';
import { checkLines } from '../../backup/tracker/check-text.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import { exportVm } from '../../jobs/kinds/export-vm.ts';
import type { HypervBackupHost } from '../../hosts/hyperv-backup-host.ts';
import { cleanLeftovers } from '../../operations/vm/clean-vm.ts';
import { planDocument } from '../../operations/vm/plan-backup.ts';
import { withAdvice } from '../terminal/advice.ts';
import type { Command, Context, OptionSpec } from '../contract/command.ts';
import { HOST_OPTIONS, withHost } from '../options/host-options.ts';
import { operationContext } from '../options/operation-context.ts';
import { choice, required, wholeNumber } from '../options/option-values.ts';
import { openStore, storeForPlan } from '../options/open-store.ts';
import { facts, inLine, table } from '../terminal/text.ts';
import { userFolder } from '../../source/platform/user-folder.ts';

const VM = { name: 'VM', help: 'a VM: its GUID, or a name that only one VM has' };
const STORE: OptionSpec = {
  type: 'value',
  value: 'DIR',
  help: 'The folder for the points; becomes a store if it is empty and never was one.',
};
const MERGE_WAIT: OptionSpec = {
  type: 'value',
  value: 'SECONDS',
  help: `Time limit for merges on the host; default ${DEFAULT_MERGE_WAIT_SECONDS}.`,
};
const PATH_MAP: OptionSpec = {
  type: 'values',
  value: 'HOST=LOCAL',
  help: 'Maps a folder of the host to a local one: C:\\VMs=/mnt/vms.',
};

export const BACKUP_COMMANDS: readonly Command[] = [
  {
    name: 'backup',
    summary: 'Backs up a VM into a store: in full first, then the changes.',
    args: [VM],
    options: {
      ...HOST_OPTIONS,
      store: STORE,
      kind: { type: 'value', value: 'KIND', help: 'auto (default), full or incremental.' },
      method: {
        type: 'value',
        value: 'HOW',
        help: 'auto, file (open the frozen files) or export (have Hyper-V write them).',
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
      'exclude-disk': {
        type: 'values',
        value: 'D',
        help: 'Exclude a disk: number, slot, file name, path or ID.',
      },
      'existing-store': {
        type: 'flag',
        help: 'Never create a store: fail if it is missing, for example not mounted.',
      },
      plan: { type: 'flag', help: 'Print the plan and the reasons; do nothing.' },
    },
    run: (context) => withHost(context, (host) => backup(context, host)),
  },
  {
    name: 'export',
    summary: 'Has the host export a VM in full, or the changes since a reference point.',
    args: [VM],
    options: {
      ...HOST_OPTIONS,
      to: { type: 'value', value: 'HOSTPATH', help: 'Folder on the host.' },
      since: { type: 'value', value: 'ID', help: 'A reference point: a differential export.' },
      checkpoint: {
        type: 'value',
        value: 'ID',
        help: 'An existing backup checkpoint, which stays; otherwise one is created for the export.',
      },
    },
    run: (context) =>
      withHost(context, async (host) => {
        const request = {
          vm: context.args[0] ?? '',
          directory: required(context, 'to'),
          since: context.options.text('since') ?? null,
          checkpoint: context.options.text('checkpoint') ?? null,
        };
        const folder = userFolder(context.io.env);
        const result = await exportVm(
          host,
          request,
          (vmId) => userLedger(folder, vmId),
          context.log,
          context.signal,
        );
        context.print(result, () =>
          [
            `Exported (${result.kind}) to ${result.directory} on the host.`,
            ...result.warnings.map((warning) => `warning: ${warning}`),
          ].join('\n'),
        );
      }),
  },
  {
    name: 'clean',
    summary: 'Removes leftovers of interrupted commands, on the host and in the store.',
    args: [VM],
    options: {
      ...HOST_OPTIONS,
      store: {
        type: 'value',
        value: 'DIR',
        help: 'The store of the backups; without it, cleans up exports and points made by hand.',
      },
      'path-map': PATH_MAP,
      'merge-wait': MERGE_WAIT,
      'dry-run': { type: 'flag', help: 'Print what would be removed; remove nothing.' },
    },
    run: (context) => withHost(context, (host) => clean(context, host)),
  },
];

async function backup(context: Context, host: HypervBackupHost): Promise<void> {
  const options = backupOptions(context);
  const planOnly = context.options.flag('plan');
  const presence = context.options.flag('existing-store') ? 'required' : 'unknown';
  const name = context.args[0] ?? '';
  if (planOnly) {
    // Planning never creates the store.
    const store = await storeForPlan(context, presence);
    const plan = await planDocument(host, name, store, options, context.signal);
    context.print(plan, () =>
      [
        `${inLine(plan.vm.name)}: ${plan.kind === 'full' ? 'full' : 'incremental'} by ${plan.method}: ${plan.reason.text}`,
        ...plan.disks.map(
          ({ slot, kind, reason }) => `  ${slot}  ${kind}  ${reason.text} (${reason.code})`,
        ),
        ...plan.methods.map(
          ({ method, possible, reason, code, folders }) =>
            `  ${method}  ${possible ? 'possible' : 'not possible'}  ${withAdvice(code ?? '', reason, { found: method, folder: folders[0] ?? '' })}`,
        ),
        ...plan.warnings.map(({ code, message }) => `warning: ${message} (${code})`),
      ].join('\n'),
    );
    return;
  }
  const vmId = await host.findVmId(name, context.signal);
  const store = await openStore(context, presence);
  const job = newBackupJob(vmId, options);
  const killAt = context.io.env['REFPOINT_KILL_AT'];
  const result = await runJob(job, vmId, runDeps(context, host, store), killAt, context.signal);
  context.print(toDocument(result), () => describe(result));
}

function runDeps(context: Context, host: HypervBackupHost, store: Store): RunDeps {
  return {
    host,
    store,
    progress: context.progress,
    log: context.log,
    onEdge: async () => undefined,
    now: Date.now,
  };
}

function backupOptions(context: Context): BackupOptions {
  const methods: readonly BackupMethodChoice[] = [
    'auto',
    'export',
    'file',
    'smb',
    'virtdisk',
    'rsvd',
    'vss',
  ];
  return {
    kind: choice(context, 'kind', ['auto', 'full', 'incremental'] as const, 'auto'),
    method: choice(context, 'method', methods, 'auto'),
    consistency: choice(
      context,
      'consistency',
      ['default', 'application', 'crash'] as const,
      'default',
    ),
    guestBackup: choice(context, 'guest-backup', ['copy', 'full'] as const, 'copy'),
    checkTracker: choice(context, 'check-tracker', ['off', 'sample', 'full'] as const, 'sample'),
    maxChain: wholeNumber(context, 'max-chain', 1, GREATEST_MAX_CHAIN) ?? DEFAULT_MAX_CHAIN,
    parallelDisks:
      wholeNumber(context, 'parallel-disks', 1, GREATEST_PARALLEL_DISKS) ?? DEFAULT_PARALLEL_DISKS,
    ...mergeWait(context),
    pathMap: context.options.texts('path-map').map(parsePathMapping),
    exportDirectory: context.options.text('export-dir') ?? null,
    excludeDisks: context.options.texts('exclude-disk'),
  };
}

function mergeWait(context: Context): Pick<BackupOptions, 'mergeWaitSeconds'> {
  const seconds = wholeNumber(context, 'merge-wait', 0, GREATEST_MERGE_WAIT_SECONDS);
  return seconds === undefined ? {} : { mergeWaitSeconds: seconds };
}

/** The document of `backup`. */
function toDocument({ manifest, seconds, dataSeconds, cleaned, unfinished }: BackupResult): object {
  return {
    point: manifest.id,
    vm: manifest.vm,
    kind: manifest.kind,
    reason: manifest.reason,
    method: manifest.method,
    methodReason: manifest.methodReason,
    parent: manifest.parent,
    consistency: manifest.consistency,
    disks: manifest.disks.map((disk) => ({
      number: disk.number,
      slot: disk.slot,
      file: disk.file,
      kind: disk.kind,
      reason: disk.reason,
      virtualSize: disk.virtualSize,
      changedBytes: disk.changedBytes,
      readBytes: disk.readBytes,
      writtenBytes: disk.writtenBytes,
      fileBytes: disk.fileSize,
      hashRoot: disk.hashRoot,
    })),
    excluded: manifest.excluded,
    trackerCheck: manifest.trackerCheck,
    seconds,
    dataSeconds,
    warnings: [...manifest.warnings, ...unfinished],
    cleaned,
  };
}

function describe(result: BackupResult): string {
  const { manifest } = result;
  return [
    facts([
      ['point', manifest.id],
      ['kind', `${manifest.kind === 'full' ? 'full' : 'incremental'}: ${manifest.reason.text}`],
      ['consistency', manifest.consistency.achieved],
      ['time', `${result.seconds.toFixed(1)} s`],
    ]),
    '',
    table(
      ['disk', 'kind', 'size', 'changed', 'read', 'stored', 'in file', 'file'],
      manifest.disks.map((disk) => [
        String(disk.number),
        disk.kind,
        formatBytes(disk.virtualSize),
        disk.changedBytes === null ? '' : formatBytes(disk.changedBytes),
        formatBytes(disk.readBytes),
        formatBytes(disk.writtenBytes),
        formatBytes(disk.fileSize),
        disk.file,
      ]),
      ['disk', 'size', 'changed', 'read', 'stored', 'in file'],
    ),
    ...(manifest.kind === 'incr'
      ? checkLines(manifest.trackerCheck).map((line) => `tracker check: ${line}`)
      : []),
    ...[...manifest.warnings, ...result.unfinished].map(
      (warning) => `warning: ${warning.message} (${warning.code})`,
    ),
    ...result.cleaned.map((item) => `${wordFor(item, false)}: ${item.text} (${item.id})`),
  ].join('\n');
}

async function clean(context: Context, host: HypervBackupHost): Promise<void> {
  const dryRun = context.options.flag('dry-run');
  const options = {
    dryRun,
    pathMap: context.options.texts('path-map').map(parsePathMapping),
    ...mergeWait(context),
  };
  const store =
    context.options.text('store') === undefined ? undefined : await openStore(context, 'existing');
  const request = { vm: context.args[0] ?? '', store, options };
  const document = await cleanLeftovers(operationContext(context), host, request, context.signal);
  const { items } = document;
  context.print(document, () =>
    items.length === 0
      ? 'Nothing to clean.'
      : items.map((item) => `${wordFor(item, dryRun)}: ${item.text} (${item.id})`).join('\n'),
  );
}

/** Returns the verb for an item. Unclear items and items that cannot be removed have their own. */
function wordFor({ kind }: CleanedItem, dryRun: boolean): string {
  if (kind === 'unclear' || kind === 'left') return kind;
  return dryRun ? 'would clean' : 'cleaned';
}
