import { parsePathMapping } from '../../../backup/host/path-map.ts';
import type { HypervBackupHost } from '../../../hosts/hyperv-backup-host.ts';
import { cleanLeftovers } from '../../../operations/vm/clean-vm.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command, Context } from '../../contract/command.ts';
import { MERGE_WAIT, mergeWait, PATH_MAP } from '../../options/backup-options.ts';
import { HOST_OPTIONS, withHost } from '../../options/host-options.ts';
import { VM } from '../../options/named-objects.ts';
import { operationContext } from '../../options/operation-context.ts';
import { openStore } from '../../options/open-store.ts';
import { wordFor } from './backup-text.ts';

export const CLEAN_COMMANDS: readonly Command[] = [
  {
    name: 'clean',
    summary: 'Removes leftovers of interrupted commands, on the host and in the store.',
    args: [{ ...VM, several: true }],
    options: {
      ...HOST_OPTIONS,
      store: {
        type: 'value',
        value: 'DIR',
        help: 'The store of the backups; without it, cleans up exports and points made by hand.',
      },
      group: { type: 'value', value: 'G', help: 'Instead of a VM: a group of VMs.' },
      'path-map': PATH_MAP,
      'merge-wait': MERGE_WAIT,
      'dry-run': { type: 'flag', help: 'Print what would be removed; remove nothing.' },
    },
    run: (context) => withHost(context, (host) => clean(context, host)),
  },
];

async function clean(context: Context, host: HypervBackupHost): Promise<void> {
  const dryRun = context.options.flag('dry-run');
  const options = {
    dryRun,
    pathMap: context.options.texts('path-map').map(parsePathMapping),
    ...mergeWait(context),
  };
  const store =
    context.options.text('store') === undefined ? undefined : await openStore(context, 'existing');
  const group = context.options.text('group');
  const [vm = '', ...more] = group === undefined ? context.args : [group, ...context.args];
  if (vm === '' || more.length > 0) throw usage('Name one VM, or a group with --group');
  const subject = group === undefined ? host : await host.groups.hostOf(group, context.signal);
  const request = { vm, store, options };
  const document = await cleanLeftovers(
    operationContext(context),
    subject,
    request,
    context.signal,
  );
  const { items } = document;
  context.print(document, () =>
    items.length === 0
      ? 'Nothing to clean.'
      : items.map((item) => `${wordFor(item, dryRun)}: ${item.text} (${item.id})`).join('\n'),
  );
}
