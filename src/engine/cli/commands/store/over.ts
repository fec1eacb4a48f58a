import type { OverFound } from '../../../jobs/work/host/over.ts';
import type { OverDocument, SettledOver } from '../../../backup/restore/over/over-options.ts';
import type { StoredVm } from '../../../backup/points/vm-names.ts';
import type { Store } from '../../../backup/store/contract/store.ts';
import { parsePathMapping } from '../../../backup/host/path-map.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import { tryParseGuid, type Guid } from '../../../base/guid.ts';
import { planRestoreOver } from '../../../operations/vm/plan-over.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Context, OptionSpec } from '../../contract/command.ts';
import { targetOf, withHost } from '../../options/host-options.ts';
import { required } from '../../options/option-values.ts';
import { storeLocation } from '../../options/open-store.ts';
import { CommandJobs } from '../../options/run-as-job.ts';
import { inLine } from '../../terminal/text.ts';

/** Options of `restore` for the disks of a VM that exists. */
export const OVER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  over: {
    type: 'value',
    value: 'VM-GUID',
    help: 'Restore over the disks of this VM, which is off; the old files stay until --accept.',
  },
  undo: {
    type: 'value',
    value: 'VM-GUID',
    help: 'Give this VM the disks back that it had before --over.',
  },
  accept: {
    type: 'value',
    value: 'VM-GUID',
    help: 'Keep the disks of --over for good, and remove what the undo needs.',
  },
  confirm: { type: 'value', value: 'VM-GUID', help: 'The same GUID again.' },
  plan: { type: 'flag', help: 'With --over or --import: print the plan; write nothing.' },
};

/** Throws `usage` for an option that has no meaning without --over, --undo or --accept. */
export function refuseOverOptions({ options }: Context): void {
  if (options.flag('plan')) throw usage('--plan needs --over or --import');
  if (options.text('confirm') !== undefined) {
    throw usage('--confirm needs --over, --undo or --accept');
  }
}

/** Returns the option that settles an earlier restore over a VM; undefined for a restore. */
export function settledVm({ options }: Context): 'accept' | 'undo' | undefined {
  const given = (['undo', 'accept'] as const).filter((name) => options.text(name) !== undefined);
  if (given.length > 1) throw usage('Give either --undo or --accept');
  return given[0];
}

/** Restores a point over the disks of a VM, or prints the plan. */
export async function restoreOverVm(context: Context, store: Store, vm: StoredVm): Promise<void> {
  const { options } = context;
  const over = vmGuid(context, 'over');
  refuseOthers(context, ['to', 'format', 'as', 'host-folder'], '--over');
  const choices = { ...(await choicesOf(context, over)), disks: options.texts('disk') };
  if (options.flag('plan')) {
    await withHost(context, async (host) => {
      const { progress, signal } = context;
      const deps = { host, store, progress, now: Date.now };
      const plan = await planRestoreOver(deps, { ...choices, over, vmId: vm.id }, signal);
      context.print(plan, () => describe(plan));
    });
    return;
  }
  required(context, 'confirm');
  const { restored } = await runJob(context, 'restore', vm, choices);
  if (restored !== null) context.print(restored, () => describe(restored));
}

/** Undoes or accepts an earlier restore over a VM. */
export async function settleRestore(context: Context): Promise<void> {
  const action = settledVm(context) ?? 'undo';
  const over = vmGuid(context, action);
  refuseOthers(context, ['to', 'format', 'as', 'host-folder', 'over', 'point'], `--${action}`);
  for (const name of ['import', 'plan', 'force', 'connect', 'start', 'keep']) {
    if (context.options.flag(name)) throw usage(`--${name} cannot be given with --${action}`);
  }
  required(context, 'confirm');
  const choices = { ...(await choicesOf(context, over)), disks: [] };
  const { settled } = await runJob(context, action, { id: over, name: '' }, choices);
  if (settled !== null) context.print(settled, () => describeSettled(settled));
}

async function choicesOf(
  { options }: Context,
  over: Guid,
): Promise<{
  point: string;
  over: Guid;
  confirm: string;
  pathMap: ReturnType<typeof parsePathMapping>[];
}> {
  return {
    point: options.text('point') ?? 'latest',
    over,
    confirm: options.text('confirm') ?? '',
    pathMap: options.texts('path-map').map(parsePathMapping),
  };
}

async function runJob(
  context: Context,
  action: 'restore' | 'undo' | 'accept',
  vm: Pick<StoredVm, 'id' | 'name'>,
  choices: Awaited<ReturnType<typeof choicesOf>> & { readonly disks: readonly string[] },
): Promise<OverFound> {
  const target = await targetOf(context);
  const place = { host: target.url, store: storeLocation(context), vm: vm.id };
  const spec = { kind: 'over', action, ...place, ...choices } as const;
  const job = { title: vm.name === '' ? vm.id : vm.name, spec, target };
  return (await new CommandJobs(context).run<'over'>(job)).found;
}

function vmGuid({ options }: Context, name: string): Guid {
  const given = options.text(name) ?? '';
  const id = tryParseGuid(given);
  if (id !== undefined) return id;
  throw usage(`--${name} ${given}: expected the GUID of the VM, as vm list prints it`);
}

function refuseOthers({ options }: Context, names: readonly string[], given: string): void {
  for (const name of names) {
    if (options.text(name) !== undefined) throw usage(`--${name} cannot be given with ${given}`);
  }
  if (options.flag('import')) throw usage(`--import cannot be given with ${given}`);
  if (options.flag('force')) throw usage(`--force cannot be given with ${given}`);
}

function describe({ vm, point, planned, disks, savedBytes, warnings }: OverDocument): string {
  const done = disks.some(({ way }) => way !== 'same');
  return [
    planned
      ? `Restoring ${point} over the disks of “${inLine(vm.name)}” would do this:`
      : `Restored ${point} over the disks of “${inLine(vm.name)}”; every disk was read back and matches the recorded hash root.`,
    ...disks.flatMap((disk) => diskLines(disk)),
    `  ${formatBytes(savedBytes)} need not be written.`,
    ...(done && !planned
      ? [
          `The old files are kept. Undo: restore --undo ${vm.id} --confirm ${vm.id}. Keep the new disks: restore --accept ${vm.id} --confirm ${vm.id}.`,
          'The next backup reads these disks in full.',
        ]
      : []),
    ...warnings.map(({ code, message }) => `warning: ${inLine(message)} (${code})`),
  ].join('\n');
}

function diskLines({
  slot,
  way,
  why,
  old,
  path,
  virtualSize,
  writtenBytes,
}: OverDocument['disks'][number]): readonly string[] {
  const size = formatBytes(virtualSize);
  if (way === 'same') return [`  ${slot}  ${inLine(old)}: has these contents already (${size})`];
  const what =
    way === 'differing'
      ? `${formatBytes(writtenBytes)} of ${size} differ, in a differencing image on ${inLine(old)}`
      : `${formatBytes(writtenBytes)} of ${size}, the whole disk instead of ${inLine(old)}: ${inLine(why ?? '')}`;
  return [`  ${slot}  ${inLine(path)}: ${what}`];
}

function describeSettled({ vm, point, outcome, disks, removed }: SettledOver): string {
  return [
    outcome === 'undone'
      ? `The restore of ${point} was undone: the VM ${vm} has its old disks.`
      : `The restore of ${point} was accepted: the VM ${vm} keeps its disks.`,
    ...disks.map(({ slot, path }) => `  ${slot}  ${inLine(path)}`),
    ...removed.map((each) => `  removed ${inLine(each)}`),
  ].join('\n');
}
