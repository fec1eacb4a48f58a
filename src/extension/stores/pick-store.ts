import * as vscode from 'vscode';
import { requests } from '../../engine/api/methods.ts';
import type { StorePoint, StoreVm } from '../../engine/api/store.ts';
import { byName } from '../words/by-name.ts';
import { formatAgo, formatBytes } from '../words/format.ts';
import { GROUP_ICON, groupSize } from '../words/group-words.ts';
import { pointName } from '../words/point-name.ts';
import { sayInfo } from '../ask/messages.ts';
import { pickPointOfJob } from './point-of-job.ts';
import type { StoreServices } from './store-services.ts';
import { sortedStores, storeLabel } from '../settings/stores.ts';
import { nodeOf, type AnyNode, type PointNode, type StoreVmNode } from '../nodes/nodes.ts';
import { choose, type Item } from '../ask/choose.ts';

const { t } = vscode.l10n;

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
  { engine }: StoreServices,
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
      description: [
        value.points === 1 ? t('1 point') : t('{0} points', value.points),
        value.members === undefined ? '' : groupSize(value.members.length),
      ]
        .filter(Boolean)
        .join(' · '),
      detail: value.id,
      icon: value.members === undefined ? 'vm' : GROUP_ICON,
      value,
    })),
  );
  return vm === undefined ? undefined : { store, vm };
}

export type PointOfStore = Pick<PointNode, 'store' | 'vm' | 'point'>;

/** A complete point of a store. */
export async function pickPoint(
  services: StoreServices,
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
  services: StoreServices,
  node: AnyNode | undefined,
): Promise<PointOfStore | undefined> {
  const job = nodeOf(node, 'job')?.job;
  if (job === undefined || job.spec.kind === 'export') return undefined;
  const { store } = job.spec;
  const { vm: vmId, point: id } = await pickPointOfJob(job);
  const vms = await services.engine.request(requests.storeVms, { path: store });
  const vm = vms.find((each) => each.id === vmId);
  if (vm === undefined) return undefined;
  const point = (await completePoints(services, { store, vm })).find((each) => each.id === id);
  return point && { store, vm, point };
}

/** The newest first. */
export async function completePoints(
  { engine }: StoreServices,
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
