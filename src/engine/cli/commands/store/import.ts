import type { SwitchMapping } from '../../../api/jobs.ts';
import { parsePathMapping } from '../../../backup/host/path-map.ts';
import type { StoredVm } from '../../../backup/points/vm-names.ts';
import type { ImportedVm } from '../../../backup/restore/import/import-options.ts';
import type { Store } from '../../../backup/store/contract/store.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import { planRestoreAsVm } from '../../../operations/vm/plan-restore.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Context, OptionSpec } from '../../contract/command.ts';
import { EXIT } from '../../contract/exit.ts';
import { PATH_MAP } from '../../options/backup-options.ts';
import { HOST_OPTIONS, targetOf, withHost } from '../../options/host-options.ts';
import { required } from '../../options/option-values.ts';
import { storeLocation } from '../../options/open-store.ts';
import { CommandJobs } from '../../options/run-as-job.ts';
import { facts, inLine } from '../../terminal/text.ts';
import { describeImportPlan } from './import-plan.ts';

/** Options of `restore` that belong to `--import`. */
const OWN: Readonly<Record<string, OptionSpec>> = {
  as: {
    type: 'value',
    value: 'NAME',
    help: 'Name of the new VM; default: the old name and the time of the restore.',
  },
  'host-folder': { type: 'value', value: 'HOSTPATH', help: 'Folder on the host for its files.' },
  connect: {
    type: 'flag',
    help: 'Connect its network adapters; otherwise they stay disconnected.',
  },
  switch: {
    type: 'values',
    value: 'OLD=NEW',
    help: 'With --connect: take this switch of the host for that of the point; OLD= connects nothing.',
  },
  start: { type: 'flag', help: 'Start the VM.' },
  keep: { type: 'flag', help: 'After a failure, keep what was made.' },
};

export const IMPORT_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  import: { type: 'flag', help: 'Restore the point as a new VM on a host.' },
  ...OWN,
  'path-map': PATH_MAP,
  ...HOST_OPTIONS,
};

/** Throws `usage` for an option that has no meaning without `--import`. */
export function refuseImportOptions({ options }: Context): void {
  for (const [name, { type }] of Object.entries(OWN)) {
    const isGiven =
      type === 'flag'
        ? options.flag(name)
        : type === 'value'
          ? options.text(name) !== undefined
          : options.texts(name).length > 0;
    if (isGiven) throw usage(`--${name} needs --import`);
  }
}

/** Restores a point as a new VM, or prints the plan: with a problem in it, the exit status is 1. */
export async function importPoint(
  context: Context,
  store: Store,
  vm: StoredVm,
): Promise<number | void> {
  const { options } = context;
  const others = ['to', 'format', 'over', 'undo', 'accept', 'confirm'].filter(
    (name) => options.text(name) !== undefined,
  );
  if (options.texts('disk').length > 0) others.push('disk');
  for (const name of others) throw usage(`--${name} cannot be given with --import`);
  if (options.flag('force')) throw usage('--force cannot be given with --import');
  const switches = options.texts('switch').map(switchMapping);
  if (switches.length > 0 && !options.flag('connect')) throw usage('--switch needs --connect');
  const choices = {
    point: options.text('point') ?? 'latest',
    as: options.text('as') ?? null,
    hostFolder: required(context, 'host-folder'),
    pathMap: options.texts('path-map').map(parsePathMapping),
    connect: options.flag('connect'),
    switches,
    start: options.flag('start'),
    keep: options.flag('keep'),
  } as const;
  if (options.flag('plan')) {
    return withHost(context, async (host) => {
      const plan = await planRestoreAsVm(host, store, vm.id, choices, context.signal);
      context.print(plan, () => describeImportPlan(plan));
      return plan.findings.length === 0 ? EXIT.done : EXIT.no;
    });
  }
  const target = await targetOf(context);
  const place = { host: target.url, store: storeLocation(context), vm: vm.id };
  const spec = { kind: 'import', ...place, ...choices } as const;
  const job = { title: vm.name === '' ? vm.id : vm.name, spec, target };
  const { found } = await new CommandJobs(context).run<'import'>(job);
  context.print(found, () => describe(found));
}

/** Parses `OLD=NEW`; an empty NEW leaves the adapters disconnected. */
function switchMapping(text: string): SwitchMapping {
  const at = text.indexOf('=');
  if (at <= 0) throw usage(`--switch ${text}: expected OLD=NEW`);
  const to = text.slice(at + 1);
  return { from: text.slice(0, at), to: to === '' ? null : to };
}

function describe(found: ImportedVm): string {
  const how =
    found.from === 'configuration' ? 'its configuration files' : 'its settings, as read over WMI';
  return [
    `Restored ${found.point} as a VM; every disk was read back and matches the recorded hash root.`,
    facts([
      ['VM', found.name],
      ['ID', found.id],
      ['made of', how],
      ['folder', found.folder],
      ['state', found.started ? 'started' : 'off'],
    ]),
    ...found.disks.map((disk) => `  ${inLine(disk.path)}  ${formatBytes(disk.virtualSize)}`),
    ...found.warnings.map(({ code, message }) => `warning: ${inLine(message)} (${code})`),
  ].join('\n');
}
