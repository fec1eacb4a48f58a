import * as vscode from 'vscode';

import { hostLabel } from '../settings/hosts.ts';
import { sayInfo } from '../ask/messages.ts';
import type { HostServices } from './host-services.ts';

import { nodeOf, type AnyNode, type HostNode, type VmNode } from '../nodes/nodes.ts';

import { choose, type ChooseOptions } from '../ask/choose.ts';
import { connectedHosts, connectTo, hostItem } from './connect-host.ts';

const { t } = vscode.l10n;

/** The host that a command is about: the node’s, the only one, or one that is asked for. undefined: none, which was said. */
export async function pickHost(
  services: HostServices,
  node: AnyNode | undefined,
  only?: 'connected' | 'reachable' | 'disconnected',
): Promise<HostNode | undefined> {
  const given = nodeOf(node, 'host');
  if (given !== undefined) return services.hosts.host(given.id) ?? given;
  // The trouble of a VM may be that of its host.
  const below = nodeOf(node, 'vm', 'vmDisk', 'checkpoint', 'referencePoint');
  if (below !== undefined) return services.hosts.hostOf(below.host);
  if (only === 'reachable') {
    const reached = await connectedHosts(services);
    // Cancelled, or it failed and the error was shown.
    if (reached.length === 0 && services.hosts.hosts.length > 0) return undefined;
  }
  const { hosts } = services;
  const fits = ({ state }: HostNode): boolean =>
    only === undefined || (state === 'connected') === (only !== 'disconnected');
  const all = hosts.hosts.filter(fits);
  if (all.length === 0) {
    await offerHost(hosts.hosts.length > 0, only);
    return undefined;
  }
  return choose(t('Host'), all.map(hostItem));
}

async function offerHost(
  some: boolean,
  only: 'connected' | 'reachable' | 'disconnected' | undefined,
): Promise<void> {
  if (some && only === 'disconnected') {
    void sayInfo(t('Every host is connected already.'));
    return;
  }
  const connect = t('Connect');
  const add = t('Add Host…');
  const chosen = some
    ? await sayInfo(t('No host is connected.'), connect)
    : await sayInfo(t('There is no host yet.'), add);
  if (chosen === connect) await vscode.commands.executeCommand('refpoint.connect');
  if (chosen === add) await vscode.commands.executeCommand('refpoint.addHost');
}

/** The VMs that a command is about: those selected, or one that is asked for. */
export async function pickVms(
  services: HostServices,
  node: AnyNode | undefined,
  selected: readonly AnyNode[],
): Promise<readonly VmNode[]> {
  const given = selected.length > 1 ? selected.flatMap((each) => nodeOf(each, 'vm') ?? []) : [];
  if (given.length > 1) {
    return given.flatMap((each) => services.hosts.vm(each.host, each.row.id) ?? []);
  }
  const vm = await pickVm(services, node);
  return vm === undefined ? [] : [vm];
}

/** The VM that a command is about. Names may be equal, so the ids are shown. */
export async function pickVm(
  services: HostServices,
  node: AnyNode | undefined,
  options: ChooseOptions & { readonly fits?: (vm: VmNode) => boolean } = {},
): Promise<VmNode | undefined> {
  const { hosts } = services;
  const given = nodeOf(node, 'vm');
  if (given !== undefined) return hosts.vm(given.host, given.row.id) ?? given;
  const from = nodeOf(node, 'host');
  const of = from === undefined ? await connectedHosts(services) : [from];
  if (of.length === 0) {
    if (hosts.hosts.length === 0) await offerHost(false, 'connected');
    return undefined;
  }
  const { fits = () => true } = options;
  const all = of.flatMap(({ id }) => hosts.vms(id)).filter(fits);
  // VMs of hosts that are not connected are one step away, not out of reach.
  const others =
    from === undefined && options.fits === undefined
      ? hosts.hosts.filter(({ state }) => state !== 'connected')
      : [];
  if (all.length === 0 && others.length === 0) {
    void sayInfo(t('No host that is connected has such a VM.'));
    return undefined;
  }
  const chosen = await choose<VmNode | HostNode>(
    t('Virtual machine'),
    [
      ...all.map((value) => ({
        label: value.row.name === '' ? value.row.id : value.row.name,
        description: of.length > 1 ? hostLabel(value.host) : '',
        detail: value.row.id,
        icon: 'vm',
        value,
      })),
      ...others.map((value) => ({
        label: t('Connect to {0}…', hostLabel(value.host)),
        icon: 'plug',
        value,
      })),
    ],
    options,
  );
  if (chosen?.kind !== 'host') return chosen;
  if (!(await connectTo(services, chosen.host))) return undefined;
  return pickVm(services, hosts.hostOf(chosen.host), options);
}
