import { createReferencePoint } from '../../operations/by-hand/create-reference-point.ts';
import { removeReferencePoint } from '../../operations/by-hand/remove-reference-point.ts';
import { showVm } from '../../operations/vm/show-vm.ts';
import type { Command } from '../contract/command.ts';
import { HOST_OPTIONS, withHost } from '../options/host-options.ts';
import { namedObject, STORES, storesOf, VM } from '../options/named-objects.ts';
import { operationContext } from '../options/operation-context.ts';
import { choice } from '../options/option-values.ts';
import { table } from '../terminal/text.ts';

const LEVELS = ['application', 'crash'] as const;

export const POINT_COMMANDS: readonly Command[] = [
  {
    name: 'point list',
    summary: 'Lists the reference points of a VM and their owners.',
    args: [VM],
    options: { ...HOST_OPTIONS, ...STORES },
    run: (context) =>
      withHost(context, async (host) => {
        const stores = await storesOf(context);
        const request = { vm: context.args[0] ?? '', stores };
        const vm = await showVm(operationContext(context), host, request, context.signal);
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
    summary: 'Creates a reference point, as a start for later change queries.',
    args: [VM],
    options: {
      ...HOST_OPTIONS,
      ...STORES,
      consistency: {
        type: 'value',
        value: 'LEVEL',
        help: 'application or crash (default).',
      },
    },
    run: (context) =>
      withHost(context, async (host) => {
        const consistency = choice(context, 'consistency', LEVELS, 'crash');
        const stores = await storesOf(context);
        const wanted = { vm: context.args[0] ?? '', consistency, stores };
        const point = await createReferencePoint(
          operationContext(context),
          host,
          wanted,
          context.signal,
        );
        context.print(point, () => point.id);
      }),
  },
  {
    name: 'point remove',
    summary: 'Destroys a reference point. One that is not in our ledgers requires --foreign.',
    args: [VM, { name: 'ID', help: 'the reference point' }],
    options: {
      ...HOST_OPTIONS,
      ...STORES,
      foreign: { type: 'flag', help: 'Remove it although another product may need it.' },
    },
    run: (context) =>
      withHost(context, async (host) => {
        const named = await namedObject(context);
        const gone = await removeReferencePoint(
          operationContext(context),
          host,
          named,
          context.signal,
        );
        context.print(gone, () => `Removed ${gone.removed}.`);
      }),
  },
];
