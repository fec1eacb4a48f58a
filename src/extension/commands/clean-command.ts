import * as vscode from 'vscode';
import type { CleanedItem } from '../../engine/api/backup.ts';
import { requests } from '../../engine/api/methods.ts';
import { ownFailure } from '../errors/own-failure.ts';
import { currentHost, pathMapOf } from '../hosts.ts';
import { confirm, sayInfo, withNotification } from '../messages.ts';
import type { CommandHandler, Services } from '../services.ts';
import { nodeOf, type VmNode } from '../tree/nodes.ts';
import { nameOf, pickStore, pickVm } from './pick.ts';
import { mustHaveTarget } from './targets.ts';

const { t } = vscode.l10n;

/** Shows what interrupted runs left on the host and in the store, and removes it where the person says so. */
export const cleanUp: CommandHandler = async (services, node) => {
  const job = nodeOf(node, 'job')?.job;
  const of = job?.spec.kind === 'backup' ? job.spec : undefined;
  const vm =
    of === undefined ? await pickVm(services, node) : await vmOfJob(services, of.host, of.vm);
  if (vm === undefined) return;
  const store = of?.store ?? (await pickStore(t('Clean Up In')));
  if (store === undefined) return;
  const host = currentHost(vm.host);
  const target = await mustHaveTarget(services, host);
  const common = { target, vm: vm.row.id, store, pathMap: pathMapOf(host) };
  const title = t('Clean Up {0}', nameOf(vm));
  const run = (dryRun: boolean): Thenable<readonly CleanedItem[]> =>
    withNotification(title, true, (report, token) =>
      services.engine.requestWithProgress(
        requests.clean,
        { ...common, dryRun },
        ({ phase }) => report(phase),
        token,
      ),
    );
  const items = await run(true);
  if (items.length === 0) {
    void sayInfo(t('{0}: nothing to clean up.', nameOf(vm)));
    return;
  }
  const question = t('{0}: interrupted runs left this. Remove it?', nameOf(vm));
  const lines = items.map(({ text, id }) => `${text} (${id})`);
  if (!(await confirm(question, lines, t('Clean Up')))) return;
  try {
    const done = await run(false);
    void sayInfo(
      done.length === 1
        ? t('{0}: 1 thing was cleaned up.', nameOf(vm))
        : t('{0}: {1} things were cleaned up.', nameOf(vm), done.length),
    );
  } finally {
    services.trees.stores.refreshStore(store);
    await services.hosts.refreshVm(vm.host, vm.row.id);
  }
};

/** Connects to the host of a job where it is not. Throws where host or VM are gone. */
async function vmOfJob(services: Services, url: string, vmId: string): Promise<VmNode | undefined> {
  const host = services.hosts.at(url);
  if (host === undefined) {
    throw ownFailure('http.url', t('The host {0} is no longer in the list: add it again.', url));
  }
  if (host.state !== 'connected') await services.hosts.connect(host.id, true);
  if (services.hosts.host(host.id)?.state !== 'connected') return undefined;
  const vm = services.hosts.vm(host.host, vmId);
  if (vm === undefined) {
    throw ownFailure('host.vm.notFound', t('There is no VM {0} on {1}', vmId, url));
  }
  return vm;
}
