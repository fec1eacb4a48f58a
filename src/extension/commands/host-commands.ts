import * as vscode from 'vscode';
import { requestTimeout } from '../connection.ts';
import { showError } from '../errors/present-error.ts';
import {
  hostKey,
  hostLabel,
  readHosts,
  removeHostSetting,
  saveHost,
  type HostSetting,
} from '../hosts.ts';
import { confirm, sayInfo } from '../messages.ts';
import type { CommandHandler, Services } from '../services.ts';
import { nodeOf, type VmNode } from '../tree/nodes.ts';
import { askAddress, askUser } from './ask-host.ts';
import { pickHost, pickVm } from './pick.ts';
import { mustHaveTarget } from './targets.ts';

const { t } = vscode.l10n;

export const addHost: CommandHandler = async (services) => {
  const title = t('Add Host');
  const url = await askAddress(title);
  if (url === undefined) return;
  const user = await askUser(title);
  if (user === undefined) return;
  const host = { url, user };
  const known = readHosts().find((each) => hostKey(each) === hostKey(host));
  if (known === undefined) await saveHost(host);
  else void sayInfo(t('{0} is in the list already.', hostLabel(known)));
  await connectTo(services, known ?? host);
};

export const removeHost: CommandHandler = async (services, node) => {
  const found = await pickHost(services, node);
  if (found === undefined) return;
  const { host } = found;
  const lines = [
    t('Its entry in the settings and its password are removed.'),
    t('Nothing on the host and no backup is touched.'),
    ...(host.lab === undefined ? [] : [t('The lab host goes on running, and its folder stays.')]),
  ];
  if (!(await confirm(t('Remove {0}?', hostLabel(host)), lines, t('Remove')))) return;
  await services.passwords.forget(host);
  await removeHostSetting(host);
};

/** Options: `ask` for a new password, `review` a certificate that changed. */
export const connect: CommandHandler = async (services, node, _selected, options) => {
  const { ask = false, review = false } = (options ?? {}) as {
    readonly ask?: boolean;
    readonly review?: boolean;
  };
  const found = await pickHost(services, node, ask || review ? undefined : 'disconnected');
  if (found === undefined) return;
  if (review) await reviewCertificate(services, found.host);
  else if (!ask || (await services.connections.login(found.host)) !== undefined) {
    await connectTo(services, found.host);
  }
};

export async function reviewCertificate(services: Services, host: HostSetting): Promise<void> {
  if (await services.connections.certificates.review(host, requestTimeout())) {
    await connectTo(services, host);
  }
}

/** Connects, asks for what is missing, and opens the host’s node. What goes wrong is said. Answers whether it is connected. */
export async function connectTo(services: Services, host: HostSetting): Promise<boolean> {
  const { hosts, views, output } = services;
  // One that was saved just now may not have been told yet.
  if (hosts.hostOf(host) === undefined) hosts.readSettings();
  const node = hosts.hostOf(host);
  if (node === undefined) return false;
  try {
    await vscode.window.withProgress({ location: { viewId: 'refpoint.hosts' } }, () =>
      hosts.connect(node.id, true),
    );
  } catch (error) {
    void showError(output, error, hosts.host(node.id));
    return false;
  }
  const now = hosts.host(node.id);
  if (now?.state !== 'connected') return false;
  // A row that was there keeps itself closed, whatever it is told: its VMs are what the person wants to see.
  try {
    await views.hosts.reveal(now, { expand: true, focus: false, select: false });
  } catch (error) {
    // A view that the person has hidden cannot show it, and that is all.
    output.engine.debug('The host cannot be shown', (error as Error).message);
  }
  return true;
}

export const disconnect: CommandHandler = async (services, node) => {
  const found = await pickHost(services, node, 'connected');
  if (found !== undefined) services.hosts.disconnect(found.id);
};

export const forgetPassword: CommandHandler = async (services, node) => {
  const found = await pickHost(services, node);
  if (found === undefined) return;
  await services.passwords.forget(found.host);
  services.hosts.disconnect(found.id);
  void sayInfo(t('The password of {0} is forgotten.', hostLabel(found.host)));
};

/** Findings of a host, and of a VM where it is about one. */
export const showFindings: CommandHandler = async (services, node) => {
  const vm = nodeOf(node, 'vm');
  const host = await pickHost(services, node, 'connected');
  if (host === undefined) return;
  // Asked for here: the page itself asks nobody.
  await mustHaveTarget(services, host.host);
  const name = vm === undefined ? hostLabel(host.host) : vm.row.name;
  await services.pages.show(
    { kind: 'findings', host: hostKey(host.host), vm: vm?.row.id ?? '' },
    `${t('Findings')} ${name}`,
  );
};

export const findVm: CommandHandler = async (services, node) => {
  const vm = await pickVm(services, node, { always: true });
  if (vm !== undefined) await revealVm(services, vm);
};

async function revealVm({ views }: Services, vm: VmNode): Promise<void> {
  await views.hosts.reveal(vm, { select: true, focus: true, expand: true });
}
