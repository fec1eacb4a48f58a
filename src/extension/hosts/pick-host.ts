import * as vscode from 'vscode';
import { requests } from '../../engine/api/methods.ts';
import type { StorePoint, StoreVm } from '../../engine/api/store.ts';
import { byName } from '../words/by-name.ts';
import { formatAgo, formatBytes } from '../words/format.ts';
import { pointName } from '../words/point-name.ts';
import { hostLabel } from '../settings/hosts.ts';
import { sayInfo } from '../ask/messages.ts';
import type { Services } from '../services/services.ts';
import { sortedStores, storeLabel } from '../settings/stores.ts';
import {
  nodeOf,
  type AnyNode,
  type HostNode,
  type PointNode,
  type StoreVmNode,
  type VmNode,
} from '../nodes/nodes.ts';
import { vmLabel } from '../tree/present-host-nodes.ts';
import { choose, type ChooseOptions, type Item } from '../ask/choose.ts';
import { connectedHosts, connectTo, hostItem } from './connect-host.ts';

const { t } = vscode.l10n;

/** The host that a command is about: the node’s, the only one, or one that is asked for. undefined: none, which was said. */
export async function pickHost(
  services: Services,
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
    // Given up, or it failed, which was said.
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
  services: Services,
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
  services: Services,
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

/** A store: the only one, one of several, or a new folder. */
export async function pickStore(title: string, mayAdd = false): Promise<string | undefined> {
  const stores = sortedStores();
  if (stores.length === 0) return askForStore();
  const items: Item<string>[] = stores.map((path) => ({
    label: storeLabel(path),
    description: path,
    icon: 'archive',
    value: path,
  }));
  // The only store is the one that is meant; another is added by its own command.
  const other = { label: t('Another Folder…'), icon: 'add', value: '' };
  const chosen = await choose(title, mayAdd && stores.length > 1 ? [...items, other] : items);
  return chosen === '' ? askForStore() : chosen;
}

/** Asks for a folder and takes it in as a store. */
async function askForStore(): Promise<string | undefined> {
  return vscode.commands.executeCommand<string | undefined>('refpoint.addStore');
}

/** A VM of a store. */
export async function pickStoreVm(
  { engine }: Services,
  node: AnyNode | undefined,
): Promise<{ readonly store: string; readonly vm: StoreVm } | undefined> {
  const given = nodeOf(node, 'storeVm', 'point', 'pointDisk');
  if (given !== undefined) return { store: given.store, vm: given.vm };
  const store = nodeOf(node, 'store')?.path ?? (await pickStore(t('Store')));
  if (store === undefined) return undefined;
  const found = await engine.request(requests.storeVms, { path: store });
  const vms = byName(
    found,
    ({ name, id }) => name || id,
    ({ id }) => id,
  );
  if (vms.length === 0) {
    void sayInfo(t('{0} holds no backup yet.', store));
    return undefined;
  }
  const vm = await choose(
    t('Virtual machine'),
    vms.map((value) => ({
      label: value.name === '' ? value.id : value.name,
      description: value.points === 1 ? t('1 point') : t('{0} points', value.points),
      detail: value.id,
      icon: 'vm',
      value,
    })),
  );
  return vm === undefined ? undefined : { store, vm };
}

export type PointOfStore = Pick<PointNode, 'store' | 'vm' | 'point'>;

/** A complete point of a store. */
export async function pickPoint(
  services: Services,
  node: AnyNode | undefined,
  title: string,
): Promise<PointOfStore | undefined> {
  const given = nodeOf(node, 'point', 'pointDisk') ?? (await pointOfJob(services, node));
  if (given !== undefined) return given;
  const of = await pickStoreVm(services, node);
  if (of === undefined) return undefined;
  const points = await completePoints(services, of);
  if (points.length === 0) {
    void sayInfo(t('{0} has no finished backup in this store.', of.vm.name));
    return undefined;
  }
  const point = await choose(title, points.map(pointItem));
  return point === undefined ? undefined : { ...of, point };
}

/** The point that a job made or read; undefined if the row is not a job, or the point is not there any more. */
async function pointOfJob(
  services: Services,
  node: AnyNode | undefined,
): Promise<PointOfStore | undefined> {
  const job = nodeOf(node, 'job')?.job;
  if (job === undefined || job.spec.kind === 'export') return undefined;
  const { store, vm: vmId } = job.spec;
  const id = job.result?.point ?? (job.spec.kind === 'restore' ? job.spec.point : undefined);
  const vms = await services.engine.request(requests.storeVms, { path: store });
  const vm = vms.find((each) => each.id === vmId);
  if (vm === undefined) return undefined;
  const point = (await completePoints(services, { store, vm })).find((each) => each.id === id);
  return point && { store, vm, point };
}

/** The newest first. */
export async function completePoints(
  { engine }: Services,
  { store, vm }: Pick<StoreVmNode, 'store' | 'vm'>,
): Promise<readonly StorePoint[]> {
  const points = await engine.request(requests.storePoints, { path: store, vm: vm.id });
  return points.filter(({ state }) => state === 'complete').toReversed();
}

export function pointItem(point: StorePoint): Item<StorePoint> {
  return {
    label: pointName(point),
    description: `${formatAgo(point.created)} · ${formatBytes(point.bytes)}`,
    detail: point.id,
    icon: point.kind === 'full' ? 'circle-large-filled' : 'circle-outline',
    value: point,
  };
}

/** The number of a disk, asked for where there are several. */
export function pickDiskNumber(
  disks: readonly {
    readonly number: number;
    readonly label: string;
    readonly size: number | null;
  }[],
): Promise<number | undefined> {
  return choose(
    t('Disk'),
    disks.map(({ number, label, size }) => ({
      label,
      description: [t('disk {0}', number), size === null ? '' : formatBytes(size)]
        .filter(Boolean)
        .join(', '),
      icon: 'database',
      value: number,
    })),
  );
}

/** What a VM is called in titles, messages and jobs. */
export const nameOf = (vm: VmNode): string => vmLabel(vm);
