import type { HostVm } from '../../backup/host/host.ts';
import {
  convertCheckpointByName,
  createOwnCheckpoint,
  removeCheckpointByName,
} from '../../hosts/by-hand/hand-made-checkpoints.ts';
import { openedStores } from '../../hosts/by-hand/known-stores.ts';
import { userFolder } from '../../source/platform/user-folder.ts';
import { showVm } from '../../operations/vm-show.ts';
import { userLedger, type LedgerFile } from '../../backup/ledger/ledger-file.ts';
import type { Command } from '../contract/command.ts';
import { HOST_OPTIONS, withHost } from '../options/host-options.ts';
import { ledgersOf, STORES, VM } from '../options/ledgers-of.ts';
import { choice } from '../options/option-values.ts';
import { openStores } from '../options/open-store.ts';
import { table, tableWidth } from '../terminal/text.ts';

const ID = { name: 'ID', help: 'the checkpoint: its whole id, or the GUID in it' };
const FOREIGN = (help: string) => ({ foreign: { type: 'flag', help } }) as const;

export const CHECKPOINT_COMMANDS: readonly Command[] = [
  {
    name: 'checkpoint list',
    summary: 'The checkpoints of a VM, and whose they are.',
    args: [VM],
    options: { ...HOST_OPTIONS, ...STORES },
    run: (context) =>
      withHost(context, async (host) => {
        const stores = await openStores(context);
        const own = (vmId: HostVm['id']): LedgerFile =>
          userLedger(userFolder(context.io.env), vmId);
        const known = openedStores(stores);
        const vm = await showVm(host, context.args[0] ?? '', known, own, context.signal);
        context.print(vm.checkpoints, () =>
          table(
            ['type', 'owner', 'created', 'id', 'name'],
            vm.checkpoints.map((c) => [c.type, c.owner, c.created ?? '', c.id, c.name]),
            [],
            { column: 'name', width: tableWidth(context.io) },
          ),
        );
      }),
  },
  {
    name: 'checkpoint create',
    summary: 'Makes a backup checkpoint by hand, which stays until it is removed or converted.',
    args: [VM],
    options: {
      ...HOST_OPTIONS,
      ...STORES,
      consistency: { type: 'value', value: 'LEVEL', help: 'application or crash (default).' },
    },
    run: (context) =>
      withHost(context, async (host) => {
        const vm = await host.findVm(context.args[0] ?? '', context.signal);
        const [ledger] = await ledgersOf(context, vm);
        const levels = ['application', 'crash'] as const;
        const consistency = choice(context, 'consistency', levels, 'crash');
        if (ledger === undefined) return;
        const made = await createOwnCheckpoint(
          host,
          vm,
          ledger,
          consistency,
          context.log,
          context.signal,
        );
        context.print({ ...made, owner: 'ours' }, () => made.id);
      }),
  },
  {
    name: 'checkpoint convert',
    summary: 'Turns a backup checkpoint into a reference point.',
    args: [VM, ID],
    options: {
      ...HOST_OPTIONS,
      ...STORES,
      ...FOREIGN('Convert it although another product may be reading it.'),
    },
    run: (context) =>
      withHost(context, async (host) => {
        const [name = '', id = ''] = context.args;
        const vm = await host.findVm(name, context.signal);
        const point = await convertCheckpointByName(
          host,
          vm,
          id,
          await ledgersOf(context, vm),
          context.options.flag('foreign'),
          context.log,
          context.signal,
        );
        context.print({ ...point, owner: 'ours' }, () => point.id);
      }),
  },
  {
    name: 'checkpoint remove',
    summary:
      'Destroys a checkpoint by its id. One that is in no ledger of ours only with --foreign.',
    args: [VM, ID],
    options: {
      ...HOST_OPTIONS,
      ...STORES,
      ...FOREIGN('Remove it although it may be another product’s or an administrator’s.'),
    },
    run: (context) =>
      withHost(context, async (host) => {
        const [name = '', id = ''] = context.args;
        const vm = await host.findVm(name, context.signal);
        const ledgers = await ledgersOf(context, vm);
        const foreign = context.options.flag('foreign');
        const removed = await removeCheckpointByName(
          host,
          vm,
          id,
          ledgers,
          foreign,
          context.signal,
        );
        context.print({ removed: removed.id }, () => `Removed ${removed.id}.`);
      }),
  },
];
