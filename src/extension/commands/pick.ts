import * as vscode from 'vscode';
import { requests } from '../../engine/api/methods.ts';
import type { StorePoint, StoreVm } from '../../engine/api/store.ts';
import { formatBytes, formatTime } from '../format.ts';
import { hostLabel } from '../hosts.ts';
import type { Services } from '../services.ts';
import { readStores } from '../stores.ts';
import type { AnyNode, HostNode, PointNode, StoreVmNode, VmNode } from '../tree/nodes.ts';
import { nodeOf } from '../tree/nodes.ts';

const { t } = vscode.l10n;

interface Item<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** Asks for one of some; the only one there is needs no question. */
async function choose<T>(
  title: string,
  items: readonly Item<T>[],
  ask = false,
): Promise<T | undefined> {
  const [only] = items;
  if (!ask && items.length === 1 && only !== undefined) return only.value;
  const options = { title, placeHolder: title, matchOnDescription: true, matchOnDetail: true };
  return (await vscode.window.showQuickPick(items, options))?.value;
}

export async function pickHost(
  { hosts }: Services,
  node: AnyNode | undefined,
  only?: HostNode['state'],
): Promise<HostNode | undefined> {
  const given = nodeOf(node, 'host');
  if (given !== undefined) return hosts.host(given.id) ?? given;
  const all = hosts.hosts.filter((each) => only === undefined || each.state === only);
  if (all.length === 0) {
    const add = t('Add Host…');
    const chosen = await vscode.window.showInformationMessage(t('There is no such host yet.'), add);
    if (chosen === add) await vscode.commands.executeCommand('refpoint.addHost');
    return undefined;
  }
  return choose(
    t('Host'),
    all.map((value) => ({ label: hostLabel(value.host), description: value.host.url, value })),
  );
}

/** The VMs that a command is about: those selected, or one that is asked for. */
export async function pickVms(
  services: Services,
  node: AnyNode | undefined,
  selected: readonly AnyNode[],
): Promise<readonly VmNode[]> {
  const given = (selected.length > 1 ? selected : [node]).flatMap(
    (each) => nodeOf(each, 'vm') ?? [],
  );
  if (given.length > 0)
    return given
      .map(({ host, row }) => services.hosts.vm(host, row.id))
      .filter((vm) => vm !== undefined);
  const vm = await pickVm(services, node);
  return vm === undefined ? [] : [vm];
}

export async function pickVm(
  { hosts }: Services,
  node: AnyNode | undefined,
  ask = false,
): Promise<VmNode | undefined> {
  const given = nodeOf(node, 'vm');
  if (given !== undefined) return hosts.vm(given.host, given.row.id) ?? given;
  const from = nodeOf(node, 'host');
  const of = from === undefined ? hosts.connected : [from];
  const all = of.flatMap(({ id }) => hosts.vms(id));
  if (all.length === 0) {
    void vscode.window.showInformationMessage(t('No host is connected that has a VM.'));
    return undefined;
  }
  return choose(
    t('Virtual machine'),
    all.map((value) => ({
      label: value.row.name,
      description: of.length > 1 ? hostLabel(value.host) : '',
      detail: value.row.id,
      value,
    })),
    ask,
  );
}

/** A store: the only one, one of several, or a new folder. */
export async function pickStore(title: string): Promise<string | undefined> {
  const stores = readStores();
  const add = t('Another Folder…');
  if (stores.length === 0) return askForStore();
  const items = [
    ...stores.map((path) => ({
      label: path.split(/[\\/]/).findLast(Boolean) ?? path,
      description: path,
      value: path,
    })),
    { label: `$(add) ${add}`, value: '' },
  ];
  const chosen = await choose(title, items);
  return chosen === '' ? askForStore() : chosen;
}

/** Asks for a folder and takes it in as a store. */
export async function askForStore(): Promise<string | undefined> {
  const chosen = await vscode.commands.executeCommand<string | undefined>('refpoint.addStore');
  return chosen;
}

export async function pickStoreVm(
  { engine }: Services,
  node: AnyNode | undefined,
): Promise<{ readonly store: string; readonly vm: StoreVm } | undefined> {
  const given = nodeOf(node, 'storeVm', 'point', 'pointDisk');
  if (given !== undefined) return { store: given.store, vm: given.vm };
  const from = nodeOf(node, 'store');
  const store = from?.path ?? (await pickStore(t('Store')));
  if (store === undefined) return undefined;
  const vms = await engine.request(requests.storeVms, { path: store });
  if (vms.length === 0) {
    void vscode.window.showInformationMessage(t('{0} holds no backup yet.', store));
    return undefined;
  }
  const vm = await choose(
    t('Virtual machine'),
    vms.map((value) => ({
      label: value.name === '' ? value.id : value.name,
      detail: value.id,
      value,
    })),
  );
  return vm === undefined ? undefined : { store, vm };
}

export async function pickPoint(
  services: Services,
  node: AnyNode | undefined,
  title = t('Point'),
): Promise<Pick<PointNode, 'store' | 'vm' | 'point'> | undefined> {
  const given = nodeOf(node, 'point', 'pointDisk');
  if (given !== undefined) return given;
  const of = await pickStoreVm(services, node);
  if (of === undefined) return undefined;
  const points = await completePoints(services, of);
  const point = await choose(title, points.map(pointItem));
  return point === undefined ? undefined : { ...of, point };
}

export async function completePoints(
  { engine }: Services,
  { store, vm }: Pick<StoreVmNode, 'store' | 'vm'>,
): Promise<readonly StorePoint[]> {
  const points = await engine.request(requests.storePoints, { path: store, vm: vm.id });
  return points.filter(({ state }) => state === 'complete').reverse();
}

export function pointItem(point: StorePoint): Item<StorePoint> {
  const kind = point.kind === 'full' ? t('full') : t('incremental');
  return {
    label: formatTime(point.created),
    description: `${kind} · ${formatBytes(point.bytes)}`,
    detail: point.id,
    value: point,
  };
}

/** The number of a disk, asked for where there are several. */
export async function pickDiskNumber(
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
      description: size === null ? '' : formatBytes(size),
      value: number,
    })),
  );
}
