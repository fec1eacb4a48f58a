import * as vscode from 'vscode';
import type { CleanedItem } from '../../../engine/api/backup.ts';
import type { HostTarget } from '../../../engine/api/host.ts';
import { requests } from '../../../engine/api/methods.ts';

import { currentHost, pathMapOf } from '../../settings/hosts.ts';
import { confirm, sayInfo, sayWarning, withNotification } from '../../ask/messages.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import { readStores } from '../../settings/stores.ts';
import { nodeOf, type AnyNode, type SubjectNode } from '../../nodes/nodes.ts';
import { pickSubjects } from '../../hosts/pick-host.ts';
import { subjectOfStore } from '../../hosts/subject-of-store.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';
import { pickStore } from '../../stores/pick-store.ts';
import { vmOfJob } from '../../hosts/vm-of-job.ts';
import { vmLabel } from '../../nodes/node-names.ts';

const { t } = vscode.l10n;

/** Shows what interrupted runs left on the host and in the store, and removes it where the person says so. */
export const cleanUp: CommandHandler = async (services, node) => {
  const spec = nodeOf(node, 'job')?.job.spec;
  const of =
    spec?.kind === 'backup' ||
    spec?.kind === 'export' ||
    spec?.kind === 'over' ||
    spec?.kind === 'writer'
      ? spec
      : undefined;
  const stored = nodeOf(node, 'point', 'storeVm');
  const vm =
    of === undefined
      ? ((stored && (await subjectOfStore(services, stored.vm.id))) ??
        (await pickOne(services, node)))
      : await vmOfJob(services, of.kind === 'over' ? { host: of.host, vm: of.over } : of);
  if (vm === undefined) return;
  const known = of !== undefined && 'store' in of ? of.store : stored?.store;
  const store = known ?? (await storeToClean(of !== undefined));
  if (store === undefined) return;
  const target = await mustHaveTarget(services, vm.host);
  const name = vmLabel(vm);
  const run = (dryRun: boolean): Thenable<readonly CleanedItem[]> =>
    withNotification(t('Clean up {0}', name), true, (report, token) =>
      clean(services, vm, target, store, dryRun, report, token),
    );
  const items = await run(true);
  if (items.length === 0) {
    void sayInfo(t('{0}: nothing to clean up.', name));
    return;
  }
  const lines = items.map(({ text, id }) => `${text} (${id})`);
  if (!items.some(isRemoved)) {
    void sayWarning(t('{0}: nothing to clean up. {1}', name, lines.join(' · ')));
    return;
  }
  const question = t('{0}: interrupted runs left this. Remove it?', name);
  if (!(await confirm(question, lines, t('Clean Up')))) return;
  try {
    const done = await run(false);
    const removed = done.filter(isRemoved).length;
    const left = done
      .filter(({ kind }) => kind === 'left')
      .map(({ text, id }) => `${text} (${id})`);
    const text =
      removed === 1
        ? t('{0}: 1 thing was cleaned up.', name)
        : t('{0}: {1} things were cleaned up.', name, removed);
    void (left.length === 0 ? sayInfo(text) : sayWarning(`${text} ${left.join(' · ')}`));
  } finally {
    if (store !== null) services.trees.stores.refreshStore(store);
    if (vm.kind === 'group') services.groups.refresh(vm.host, vm.row.id);
    else await services.hosts.refreshVm(vm.host, vm.row.id);
  }
};

/** Neither what may be another product's, nor what could not be removed now. */
const isRemoved = ({ kind }: CleanedItem): boolean => kind !== 'unclear' && kind !== 'left';

const pickOne = async (
  services: Services,
  node: AnyNode | undefined,
): Promise<SubjectNode | undefined> => (await pickSubjects(services, node, []))[0];

/** null means no store: only what was begun by hand. Returns undefined if it is cancelled. */
async function storeToClean(byHand: boolean): Promise<string | null | undefined> {
  return byHand || readStores().length === 0 ? null : pickStore(t('Clean up in'));
}

/** Leftovers of backups into the store, and of calls by hand. */
async function clean(
  { engine }: Services,
  vm: SubjectNode,
  target: HostTarget,
  store: string | null,
  dryRun: boolean,
  report: (message: string) => void,
  token: vscode.CancellationToken,
): Promise<readonly CleanedItem[]> {
  const items: CleanedItem[] = [];
  for (const each of store === null ? [null] : [store, null]) {
    const pathMap = pathMapOf(currentHost(vm.host));
    const group = vm.kind === 'group' ? { group: true } : {};
    const params = { target, vm: vm.row.id, ...group, store: each, pathMap, dryRun };
    const found = await engine.requestWithProgress(
      requests.clean,
      params,
      ({ phase }) => report(phase),
      token,
    );
    items.push(...found);
  }
  return items;
}
