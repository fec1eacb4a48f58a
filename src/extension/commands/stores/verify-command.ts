import * as vscode from 'vscode';
import type { CommandHandler } from '../../services/services.ts';
import { nodeOf, type AnyNode } from '../../nodes/nodes.ts';
import { choose } from '../../ask/choose.ts';
import { pickStoreVm } from '../../stores/pick-store.ts';
import { runJobs, type NewJob } from '../../jobs/run-jobs.ts';

const { t } = vscode.l10n;

/** Points of one VM to verify; all of them if the list is empty. */
interface Wanted {
  readonly store: string;
  readonly vm: { readonly id: string; readonly name: string };
  readonly points: readonly string[];
}

/** Points or VMs that are selected, or every point of a VM; quickly or with every hash. */
export const verify: CommandHandler = async (services, node, selected) => {
  const several = selected.length > 1 ? selected : node === undefined ? [] : [node];
  const given = wantedOf(several);
  const asked = given.length > 0 ? undefined : await pickStoreVm(services, node);
  const wanted = asked === undefined ? given : [{ ...asked, points: [] }];
  if (wanted.length === 0) return;
  const quick = await choose(t('Verify'), [
    {
      label: t('Every hash'),
      description: t('reads all contents'),
      icon: 'verified',
      value: false,
    },
    {
      label: t('Quick'),
      description: t('files, sizes and parents only'),
      icon: 'check',
      value: true,
    },
  ]);
  if (quick === undefined) return;
  await runJobs(
    services,
    wanted.map(({ store, vm, points }): NewJob => ({
      title: vm.name === '' ? vm.id : vm.name,
      spec: { kind: 'verify', store, vm: vm.id, points, quick },
      target: null,
    })),
  );
};

/** One entry for each VM: its points share their chains, and a VM that is selected whole stands for its points. */
function wantedOf(nodes: readonly AnyNode[]): readonly Wanted[] {
  const jobs = nodes.flatMap((node) => nodeOf(node, 'job')?.job ?? []);
  const whole = nodes.flatMap((node) => nodeOf(node, 'storeVm') ?? []);
  const points = nodes
    .flatMap((node) => nodeOf(node, 'point') ?? [])
    .filter(({ point }) => point.state === 'complete')
    .filter(({ store, vm }) => !whole.some((each) => each.store === store && each.vm.id === vm.id));
  const groups = Map.groupBy(points, ({ store, vm }) => `${store}|${vm.id}`);
  return [
    ...whole.map(({ store, vm }) => ({ store, vm, points: [] })),
    // A job knows its VM: its failure offers this, and asks for nothing.
    ...jobs.flatMap(({ spec, title: name }) =>
      spec.kind === 'export' ? [] : [{ store: spec.store, vm: { id: spec.vm, name }, points: [] }],
    ),
    ...[...groups.values()].flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      return [{ store: first.store, vm: first.vm, points: group.map(({ point }) => point.id) }];
    }),
  ];
}
