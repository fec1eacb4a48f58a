import { convertCheckpoint } from '../../operations/by-hand/convert-checkpoint.ts';
import { createCheckpoint } from '../../operations/by-hand/create-checkpoint.ts';
import { removeCheckpoint } from '../../operations/by-hand/remove-checkpoint.ts';
import { showVm } from '../../operations/vm/show-vm.ts';
import type { Command } from '../contract/command.ts';
import { HOST_OPTIONS, withHost } from '../options/host-options.ts';
import { namedObject, STORES, storesOf, VM } from '../options/named-objects.ts';
import { operationContext } from '../options/operation-context.ts';
import { choice } from '../options/option-values.ts';
import { table, tableWidth } from '../terminal/text.ts';

const ID = { name: 'ID', help: 'the checkpoint: its whole ID, or the GUID in it' };
const LEVELS = ['application', 'crash'] as const;
const FOREIGN = (help: string) => ({ foreign: { type: 'flag', help } }) as const;

export const CHECKPOINT_COMMANDS: readonly Command[] = [
  {
    name: 'checkpoint list',
    summary: 'Lists the checkpoints of a VM and their owners.',
    args: [VM],
    options: { ...HOST_OPTIONS, ...STORES },
    run: (context) =>
      withHost(context, async (host) => {
        const stores = await storesOf(context);
        const request = { vm: context.args[0] ?? '', stores };
        const vm = await showVm(operationContext(context), host, request, context.signal);
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
    summary: 'Creates a backup checkpoint, which stays until it is removed or converted.',
    args: [VM],
    options: {
      ...HOST_OPTIONS,
      ...STORES,
      consistency: { type: 'value', value: 'LEVEL', help: 'application or crash (default).' },
    },
    run: (context) =>
      withHost(context, async (host) => {
        const consistency = choice(context, 'consistency', LEVELS, 'crash');
        const stores = await storesOf(context);
        const wanted = { vm: context.args[0] ?? '', consistency, stores };
        const made = await createCheckpoint(
          operationContext(context),
          host,
          wanted,
          context.signal,
        );
        context.print(made, () => made.id);
      }),
  },
  {
    name: 'checkpoint convert',
    summary: 'Converts a backup checkpoint to a reference point.',
    args: [VM, ID],
    options: {
      ...HOST_OPTIONS,
      ...STORES,
      ...FOREIGN('Convert it although another product may be reading it.'),
    },
    run: (context) =>
      withHost(context, async (host) => {
        const named = await namedObject(context);
        const point = await convertCheckpoint(
          operationContext(context),
          host,
          named,
          context.signal,
        );
        context.print(point, () => point.id);
      }),
  },
  {
    name: 'checkpoint remove',
    summary: 'Destroys a checkpoint. One that is not in our ledgers requires --foreign.',
    args: [VM, ID],
    options: {
      ...HOST_OPTIONS,
      ...STORES,
      ...FOREIGN('Remove it although it may belong to another product or an administrator.'),
    },
    run: (context) =>
      withHost(context, async (host) => {
        const named = await namedObject(context);
        const gone = await removeCheckpoint(operationContext(context), host, named, context.signal);
        context.print(gone, () => `Removed ${gone.removed}.`);
      }),
  },
];
