import * as vscode from 'vscode';
import { requests } from '../../../engine/api/methods.ts';
import type { OpenOver, StoreVm } from '../../../engine/api/store.ts';
import { confirm, sayInfo } from '../../ask/messages.ts';
import { choose } from '../../ask/choose.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';
import { vmOfJob } from '../../hosts/vm-of-job.ts';
import { runJobs } from '../../jobs/run-jobs.ts';
import { hostFileName, vmLabel } from '../../nodes/node-names.ts';
import { nodeOf, type AnyNode, type VmNode } from '../../nodes/nodes.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import { currentHost, hostLabel, pathMapOf } from '../../settings/hosts.ts';
import { readStores } from '../../settings/stores.ts';
import { formatTime } from '../../words/format.ts';
import { pointName } from '../../words/point-name.ts';

const { t } = vscode.l10n;

/** A restore over a VM that can be undone or accepted. */
interface Open {
  readonly store: string;
  readonly vm: StoreVm;
  readonly over: OpenOver;
}

/** Gives a VM the disks back that it had before a restore over them. */
export const undoRestore: CommandHandler = (services, node) => settle(services, node, 'undo');

/** Keeps the restored disks of a VM for good. */
export const acceptRestore: CommandHandler = (services, node) => settle(services, node, 'accept');

async function settle(
  services: Services,
  node: AnyNode | undefined,
  action: 'accept' | 'undo',
): Promise<void> {
  const open = await pickOpen(services, node);
  if (open === undefined) return;
  const { store, over, vm: stored } = open;
  const vm = await vmOfJob(services, { host: over.host, vm: stored.id });
  if (vm?.kind !== 'vm') return;
  const [question, lines, button] = action === 'undo' ? undoText(vm, over) : acceptText(vm, over);
  if (!(await confirm(question, [...placeLines(vm, over), '', ...lines], button))) return;
  const target = await mustHaveTarget(services, vm.host);
  const host = currentHost(vm.host);
  const { id } = stored;
  const spec = {
    kind: 'over',
    action,
    host: host.url,
    store,
    vm: id,
    point: over.point,
    disks: [],
    over: id,
    confirm: id,
    pathMap: pathMapOf(host),
  } as const;
  await runJobs(services, [{ title: vmLabel(vm), spec, target }]);
}

/** The restore that a row is about, the only one, or one that is asked for. */
async function pickOpen(services: Services, node: AnyNode | undefined): Promise<Open | undefined> {
  const spec = nodeOf(node, 'job')?.job.spec;
  const of = spec?.kind === 'over' ? spec : undefined;
  const stored = nodeOf(node, 'storeVm', 'point');
  const wanted = of?.over ?? stored?.vm.id ?? nodeOf(node, 'vm')?.row.id;
  const store = of?.store ?? stored?.store ?? nodeOf(node, 'store')?.path;
  const found: Open[] = [];
  for (const each of store === undefined ? readStores() : [store]) {
    // A store that cannot be opened hides only its own.
    const vms = await services.engine
      .request(requests.storeVms, { path: each })
      .catch((error: unknown) => {
        if (store !== undefined) throw error;
        return [];
      });
    for (const vm of vms) {
      if (vm.over !== undefined && (wanted === undefined || vm.id === wanted)) {
        found.push({ store: each, vm, over: vm.over });
      }
    }
  }
  if (found.length === 0) {
    void sayInfo(t('No VM has a restore that could be undone or accepted.'));
    return undefined;
  }
  return choose(
    t('Restore of which VM'),
    found.map((value) => ({
      label: value.vm.name === '' ? value.vm.id : value.vm.name,
      description: pointName(value.over.point),
      detail: value.store,
      icon: 'vm',
      value,
    })),
  );
}

const placeLines = (vm: VmNode, { point, time }: OpenOver): readonly string[] => [
  t('Host: {0}', hostLabel(vm.host)),
  t('VM: {0} ({1})', vmLabel(vm), vm.row.id),
  t('Restored: {0}, {1}', pointName(point), formatTime(time)),
];

type Question = readonly [question: string, lines: readonly string[], button: string];

const undoText = (vm: VmNode, { disks }: OpenOver): Question => [
  t('Undo the restore over the disks of {0}?', vmLabel(vm)),
  [
    ...disks.map(({ slot, old }) => t('{0}: {1} comes back', slot, hostFileName(old))),
    t(
      'The restored files are removed, with everything that the VM wrote since the restore. That cannot be undone. The VM must be off.',
    ),
  ],
  t('Undo Restore'),
];

const acceptText = (vm: VmNode, { disks }: OpenOver): Question => [
  t('Accept the restore over the disks of {0}?', vmLabel(vm)),
  [
    ...disks.map(({ slot, old, path, differing }) =>
      differing
        ? t('{0}: what differs is merged into {1}', slot, hostFileName(old))
        : t('{0}: {1} is removed, {2} stays', slot, hostFileName(old), hostFileName(path)),
    ),
    t(
      'The VM keeps its disks as they are now. The contents of before the restore are lost. The VM must be off.',
    ),
  ],
  t('Accept Restore'),
];
