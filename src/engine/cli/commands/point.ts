import type { HostVm } from '../../backup/host.ts';
import { userLedger, type LedgerFile } from '../../backup/ledger-file.ts';
import { createOwnPoint, removePointByName } from '../../rpc/hand-made-points.ts';
import { openedStores } from '../../rpc/known-stores.ts';
import { showVm } from '../../rpc/vm-show.ts';
import type { Command } from '../command.ts';
import { HOST_OPTIONS, withHost } from '../host-options.ts';
import { ledgersOf, STORES, VM } from '../ledgers-of.ts';
import { choice } from '../option-values.ts';
import { openStores } from '../open-store.ts';
import { table } from '../terminal/text.ts';
import { userFolder } from '../../rpc/user-folder.ts';

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
