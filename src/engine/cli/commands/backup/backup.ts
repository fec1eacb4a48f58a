import { planDocument } from '../../../operations/vm/plan-backup.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command, Context, OptionSpec } from '../../contract/command.ts';
import {
  BACKUP_OPTIONS,
  backupOptions,
  PARALLEL,
  parallelOf,
} from '../../options/backup-options.ts';
import { HOST_OPTIONS, targetOf, withHost } from '../../options/host-options.ts';
import { storeForPlan, storeLocation } from '../../options/open-store.ts';
import { CommandJobs } from '../../options/run-as-job.ts';
import { backupOfSet, planOfSet } from './backup-set.ts';
import { backupSeveral, planSeveral } from './backup-several.ts';
import { describeBackup, describePlan, toDocument } from './backup-text.ts';

const VMS = {
  name: 'VM',
  help: 'a VM: its GUID, or a name that only one VM has; several are backed up at the same time',
  several: true,
};
const STORE: OptionSpec = {
  type: 'value',
  value: 'DIR',
  help: 'The folder for the points; becomes a store if it is empty and never was one.',
};

export const BACKUP_COMMANDS: readonly Command[] = [
  {
    name: 'backup',
    summary: 'Backs up VMs into a store: in full first, then the changes.',
    args: [VMS],
    options: {
      ...HOST_OPTIONS,
      store: STORE,
      all: {
        type: 'flag',
        help: 'Back up every VM of the host; if one fails, the others continue.',
      },
      group: {
        type: 'value',
        value: 'G',
        help: 'Back up this group of VMs, with the disks that they share, at one instant.',
      },
      parallel: PARALLEL,
      ...BACKUP_OPTIONS,
      'existing-store': {
        type: 'flag',
        help: 'Never create a store: fail if it is missing, for example not mounted.',
      },
      plan: { type: 'flag', help: 'Print the plan and the reasons; do nothing.' },
    },
    run: backup,
  },
];

async function backup(context: Context): Promise<number | void> {
  const [vm, ...more] = context.args;
  const all = context.options.flag('all');
  const plan = context.options.flag('plan');
  const group = context.options.text('group');
  if (group !== undefined) {
    if (vm !== undefined || all) throw usage('--group is a group: leave VMs and --all out');
    return plan ? planOne(context, group, true) : backupOne(context, group, true);
  }
  if (vm === undefined && !all) throw usage('VM is missing: name one or more, or give --all');
  if (vm !== undefined && all) throw usage('--all is every VM: leave the names out');
  if (context.options.text('method') === 'vss') {
    return plan ? planOfSet(context) : backupOfSet(context);
  }
  if (vm === undefined || more.length > 0) {
    return plan ? planSeveral(context) : backupSeveral(context);
  }
  return plan ? planOne(context, vm) : backupOne(context, vm);
}

async function planOne(context: Context, vm: string, isGroup = false): Promise<void> {
  await withHost(context, async (host) => {
    const options = backupOptions(context);
    // A plan makes no store.
    const presence = context.options.flag('existing-store') ? 'required' : 'unknown';
    const store = await storeForPlan(context, presence);
    const subject = isGroup ? await host.groups.hostOf(vm, context.signal) : host;
    const plan = await planDocument(subject, vm, store, options, context.signal);
    context.print(plan, () => describePlan(plan));
  });
}

async function backupOne(context: Context, vm: string, isGroup = false): Promise<void> {
  const target = await targetOf(context);
  const options = backupOptions(context);
  const store = storeLocation(context);
  const group = isGroup ? { group: true } : {};
  const spec = { kind: 'backup', host: target.url, vm, ...group, store, options } as const;
  const mayMakeStore = !context.options.flag('existing-store');
  const jobs = new CommandJobs(context, parallelOf(context));
  const { found } = await jobs.run<'backup'>({ title: vm, spec, target, mayMakeStore });
  context.print(toDocument(found), () => describeBackup(found));
}
