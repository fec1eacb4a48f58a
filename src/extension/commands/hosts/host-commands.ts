import * as vscode from 'vscode';
import { LOCAL_HOST } from '../../../engine/api/host.ts';
import { isThisComputer } from '../../settings/host-address.ts';
import {
  hostKey,
  hostLabel,
  readHosts,
  removeHostSetting,
  saveHost,
  type HostSetting,
} from '../../settings/hosts.ts';
import { confirm, sayInfo } from '../../ask/messages.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import { nodeOf, type SubjectNode } from '../../nodes/nodes.ts';
import { askAddress } from '../../hosts/login/ask-host.ts';
import { askLogin } from '../../hosts/login/ask-login.ts';
import { connectTo, reviewCertificate } from '../../hosts/connect-host.ts';
import { pickHost, pickVm } from '../../hosts/pick-host.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';
import { vmOfJob } from '../../hosts/vm-of-job.ts';

const { t } = vscode.l10n;

export const addHost: CommandHandler = async (services) => {
  const title = t('Add Host');
  const url = await askAddress(title);
  if (url === undefined) return;
  const login = isThisComputer(url) ? {} : await askLogin(title, url);
  if (login === undefined) return;
  await addAndConnect(services, { url, ...login });
};

/** On a Hyper-V host itself: PowerShell needs no address, no login and no WinRM. */
export const addThisComputer: CommandHandler = (services) =>
  addAndConnect(services, { url: LOCAL_HOST });

async function addAndConnect(services: Services, host: HostSetting): Promise<void> {
  const known = readHosts().find((each) => hostKey(each) === hostKey(host));
  if (known === undefined) await saveHost(host);
  else void sayInfo(t('{0} is in the list already.', hostLabel(known)));
  await connectTo(services, known ?? host);
}

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
  const host = await pickHost(services, node, 'reachable');
  if (host === undefined) return;
  // Asked for here: the page itself asks nobody.
  await mustHaveTarget(services, host.host);
  const name = vm === undefined ? hostLabel(host.host) : vm.row.name;
  await services.pages.show(
    { kind: 'findings', host: hostKey(host.host), vm: vm?.row.id ?? '' },
    `${t('Findings')} ${name}`,
  );
};

/** Selects a VM in the tree: the one that a restore made, or one that is asked for. */
export const findVm: CommandHandler = async (services, node) => {
  const { spec, result } = nodeOf(node, 'job')?.job ?? {};
  const made = result?.vm?.id;
  if (spec?.kind === 'import' && made !== undefined) {
    const host = services.hosts.at(spec.host);
    if (host?.state === 'connected') await services.hosts.refreshVm(host.host, made);
    const vm = await vmOfJob(services, { host: spec.host, vm: made });
    if (vm !== undefined) await revealVm(services, vm);
    return;
  }
  const vm = await pickVm(services, node, { always: true });
  if (vm !== undefined) await revealVm(services, vm);
};

async function revealVm({ views }: Services, vm: SubjectNode): Promise<void> {
  await views.hosts.reveal(vm, { select: true, focus: true, expand: true });
}
