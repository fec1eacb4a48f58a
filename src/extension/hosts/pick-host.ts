import * as vscode from 'vscode';

import { hostLabel } from '../settings/hosts.ts';
import { sayInfo } from '../ask/messages.ts';
import type { HostServices } from './host-services.ts';

import {
  nodeOf,
  type AnyNode,
  type HostNode,
  type SubjectNode,
  type VmNode,
} from '../nodes/nodes.ts';
import { GROUP_ICON, vmNames } from '../words/group-words.ts';
import { choose, type ChooseOptions, type Item } from '../ask/choose.ts';
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
  const below = nodeOf(
    node,
    'vm',
    'vmDisk',
    'checkpoint',
    'referencePoint',
    'group',
    'groupMember',
    'groupDisk',
  );
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

/** The VMs and groups that a command is about: those selected, or one that is asked for. */
export async function pickSubjects(
  services: HostServices,
  node: AnyNode | undefined,
  selected: readonly AnyNode[],
): Promise<readonly SubjectNode[]> {
  const given =
    selected.length > 1 ? selected.flatMap((each) => nodeOf(each, 'vm', 'group') ?? []) : [];
  if (given.length > 1) return given.flatMap((each) => nodeNow(services, each) ?? []);
  const subject = await pickSubject(services, node, { groups: true });
  return subject === undefined ? [] : [subject];
}

/** The VM that a command is about. Names may be equal, so the ids are shown. */
export async function pickVm(
  services: HostServices,
  node: AnyNode | undefined,
  options: VmOptions = {},
): Promise<VmNode | undefined> {
  const found = await pickSubject(services, node, { ...options, groups: false });
  return found?.kind === 'vm' ? found : undefined;
}

interface VmOptions extends ChooseOptions {
  readonly fits?: (vm: VmNode) => boolean;
}

/** The newest state of a row; undefined if the host does not have it any more. */
const nodeNow = ({ hosts, groups }: HostServices, node: SubjectNode): SubjectNode | undefined =>
  node.kind === 'vm' ? hosts.vm(node.host, node.row.id) : groups.group(node.host, node.row.id);

async function pickSubject(
  services: HostServices,
  node: AnyNode | undefined,
  options: VmOptions & { readonly groups: boolean },
): Promise<SubjectNode | undefined> {
  const { hosts } = services;
  const given = options.groups ? nodeOf(node, 'vm', 'group') : nodeOf(node, 'vm');
  if (given !== undefined) return nodeNow(services, given) ?? given;
  const from = nodeOf(node, 'host');
  const of = from === undefined ? await connectedHosts(services) : [from];
  if (of.length === 0) {
    if (hosts.hosts.length === 0) await offerHost(false, 'connected');
    return undefined;
  }
  const { fits = () => true } = options;
  const vms = of.flatMap(({ id }) => hosts.vms(id)).filter(fits);
  const groups = options.groups
    ? (await Promise.all(of.map(({ id }) => services.groups.listed(id)))).flat()
    : [];
  // VMs of hosts that are not connected are one step away, not out of reach.
  const others =
    from === undefined && options.fits === undefined
      ? hosts.hosts.filter(({ state }) => state !== 'connected')
      : [];
  if (vms.length === 0 && others.length === 0) {
    void sayInfo(t('No host that is connected has such a VM.'));
    return undefined;
  }
  const chosen = await choose<SubjectNode | HostNode>(
    groups.length === 0 ? t('Virtual machine') : t('Virtual machine or VM group'),
    [
      ...groups.map((each) => subjectItem(each, of.length > 1, vmNames(each.row.members))),
      ...vms.map((each) => subjectItem(each, of.length > 1)),
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
  return pickSubject(services, hosts.hostOf(chosen.host), options);
}

const subjectItem = (value: SubjectNode, withHost: boolean, about = ''): Item<SubjectNode> => ({
  label: value.row.name === '' ? value.row.id : value.row.name,
  description: [about, withHost ? hostLabel(value.host) : ''].filter(Boolean).join(' · '),
  detail: value.row.id,
  icon: value.kind === 'vm' ? 'vm' : GROUP_ICON,
  value,
});
