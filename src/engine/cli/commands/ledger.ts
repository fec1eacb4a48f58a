import type { LedgerRepair } from '../../api/store.ts';
import { readLedger } from '../../backup/ledger/ledger-file.ts';
import { resolveVm } from '../../backup/points/vm-names.ts';
import { repairLedgerOf } from '../../operations/by-hand/repair-ledger.ts';
import type { Command, OptionSpec } from '../contract/command.ts';
import { HOST_OPTIONS, withHost } from '../options/host-options.ts';
import { openStore } from '../options/open-store.ts';
import { table } from '../terminal/text.ts';

const VM = {
  name: 'VM',
  help: 'a VM or a group of the store: its ID, or a name that only one has',
};
const STORE: OptionSpec = { type: 'value', value: 'DIR', help: 'The store.' };

export const LEDGER_COMMANDS: readonly Command[] = [
  {
    name: 'ledger show',
    summary:
      'Shows our objects on the host, as a store records them. Exit status 1 if the record is damaged.',
    args: [VM],
    options: { store: STORE },
    run: async (context) => {
      const store = await openStore(context, 'existing');
      const vm = await resolveVm(store, context.args[0] ?? '', context.signal);
      const { ledger, problem } = await readLedger(store, vm.id, context.signal);
      const { intents = [], checkpoints = [], referencePoints = [] } = ledger ?? {};
      const document = {
        vm,
        store: store.location,
        problem,
        intents,
        checkpoints,
        referencePoints,
      };
      context.print(document, () =>
        problem === null
          ? table(
              ['kind', 'state', 'host', 'created', 'point', 'id'],
              [
                ...referencePoints.map((each) => ['reference point', each.state, each] as const),
                ...checkpoints.map(
                  (each) => ['checkpoint', each.kept ? 'kept' : '', each] as const,
                ),
              ].map(([kind, state, each]) => [
                kind,
                state,
                each.computerName ?? each.host,
                each.created,
                each.pointId ?? 'by hand',
                each.id,
              ]),
            )
          : `DAMAGED: ${problem}. Rebuild it with: refpoint ledger repair ${vm.id} --store ${store.location}`,
      );
      return problem === null ? 0 : 1;
    },
  },
  {
    name: 'ledger repair',
    summary:
      'Rebuilds a damaged ledger from the manifests and the host’s list. Previews unless --yes is given.',
    args: [VM],
    options: {
      ...HOST_OPTIONS,
      store: STORE,
      yes: { type: 'flag', help: 'Write the ledger.' },
    },
    run: (context) =>
      withHost(context, async (host) => {
        const store = await openStore(context, 'existing');
        const apply = context.options.flag('yes');
        const request = { store, vm: context.args[0] ?? '', apply };
        const result = await repairLedgerOf(host, request, context.signal);
        context.print(result, () => describe(result, apply));
      }),
  },
];

function describe(result: LedgerRepair, apply: boolean): string {
  const changes = result.problem !== null || result.added.length > 0;
  const lines = [
    result.problem === null ? `${result.file} can be read.` : `DAMAGED: ${result.problem}`,
    ...result.added.map(
      ({ id, pointId, state }) =>
        `${apply ? 'added' : 'would add'}: ${id} of ${pointId} (${state})`,
    ),
    ...result.unclaimed.map(
      ({ kind, id }) =>
        `left alone: ${kind === 'checkpoint' ? 'checkpoint' : 'reference point'} ${id}, which is in no manifest`,
    ),
  ];
  if (!changes) lines.push('Nothing to repair.');
  else if (!apply) lines.push('Nothing was written. Write it with --yes.');
  if (result.keptAs !== null) lines.push(`The damaged file is kept as ${result.keptAs}.`);
  return lines.join('\n');
}
