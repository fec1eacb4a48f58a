import type { HostVm } from '../../backup/host/host.ts';
import { userLedger, type LedgerFile } from '../../backup/ledger/ledger-file.ts';
import { createOwnPoint, removePointByName } from '../../hosts/by-hand/hand-made-points.ts';
import { openedStores } from '../../hosts/by-hand/known-stores.ts';
import { showVm } from '../../operations/vm-show.ts';
import type { Command } from '../contract/command.ts';
import { HOST_OPTIONS, withHost } from '../options/host-options.ts';
import { ledgersOf, STORES, VM } from '../options/ledgers-of.ts';
import { choice } from '../options/option-values.ts';
import { openStores } from '../options/open-store.ts';
import { table } from '../terminal/text.ts';
import { userFolder } from '../../source/platform/user-folder.ts';

export const POINT_COMMANDS: readonly Command[] = [
  {
    name: 'point list',
    summary: 'The reference points of a VM, and whose they are.',
    args: [VM],
    options: { ...HOST_OPTIONS, ...STORES },
    run: (context) =>
      withHost(context, async (host) => {
        const stores = await openStores(context);
        const own = (vmId: HostVm['id']): LedgerFile =>
          userLedger(userFolder(context.io.env), vmId);
        const vm = await showVm(
          host,
          context.args[0] ?? '',
          openedStores(stores),
          own,
          context.signal,
        );
        context.print(vm.referencePoints, () =>
          table(
            ['owner', 'consistency', 'created', 'id'],
            vm.referencePoints.map((p) => [p.owner, p.consistency, p.created ?? '', p.id]),
          ),
        );
      }),
  },
  {
    name: 'point create',
    summary: 'Makes a reference point by hand: the state from which changes can be asked later.',
    args: [VM],
    options: {
      ...HOST_OPTIONS,
      ...STORES,
      consistency: {
        type: 'value',
        value: 'LEVEL',
        help: 'application or crash (where not given).',
      },
    },
    run: (context) =>
      withHost(context, async (host) => {
        const vm = await host.findVm(context.args[0] ?? '', context.signal);
        const [ledger] = await ledgersOf(context, vm);
        const consistency = choice(
          context,
          'consistency',
          ['application', 'crash'] as const,
          'crash',
        );
        if (ledger === undefined) return;
        const point = await createOwnPoint(
          host,
          vm,
          ledger,
          consistency,
          context.log,
          context.signal,
        );
        context.print({ ...point, owner: 'ours' }, () => point.id);
      }),
  },
  {
    name: 'point remove',
    summary: 'Destroys a reference point. One that is in no ledger of ours only with --foreign.',
    args: [VM, { name: 'ID', help: 'the reference point' }],
    options: {
      ...HOST_OPTIONS,
      ...STORES,
      foreign: { type: 'flag', help: 'Remove it although another product may need it.' },
    },
    run: (context) =>
      withHost(context, async (host) => {
        const [name = '', id = ''] = context.args;
        const vm = await host.findVm(name, context.signal);
        const ledgers = await ledgersOf(context, vm);
        const foreign = context.options.flag('foreign');
        await removePointByName(host, vm, id, ledgers, foreign, context.signal);
        context.print({ removed: id }, () => `Removed ${id}.`);
      }),
  },
];
