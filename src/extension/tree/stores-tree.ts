import * as vscode from 'vscode';
import { requests } from '../../engine/api/methods.ts';
import type { Engine } from '../engine/engine.ts';
import { STEPS } from '../errors/areas/next-step.ts';
import { byName } from '../words/by-name.ts';
import { sortedStores } from '../settings/stores.ts';
import { errorNode, stepNode } from './message-node.ts';
import {
  withOwnIds,
  type MessageNode,
  type PointDiskNode,
  type PointNode,
  type StoreNode,
  type StoreTreeNode,
  type StoreVmNode,
} from '../nodes/nodes.ts';
import { presentStoreNode } from './present-store-nodes.ts';
import { toTreeItem, tooltip } from './row.ts';
import { inspectionFacts } from '../words/volume-text.ts';

const { t } = vscode.l10n;

/** The view of stores: their VMs, the points of each, the newest first, and the disks of each point. */
export class StoresTree implements vscode.TreeDataProvider<StoreTreeNode>, vscode.Disposable {
  readonly #engine: Engine;
  readonly #fired = new vscode.EventEmitter<StoreTreeNode | undefined>();
  /** The objects that the view holds, by id, each with the row above it. */
  readonly #shown = new Map<
    string,
    { readonly node: StoreTreeNode; readonly parent: StoreTreeNode | undefined }
  >();

  readonly onDidChangeTreeData = this.#fired.event;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  refresh(): void {
    this.#fired.fire(undefined);
  }

  /** Time has passed: rows that tell how long ago something was are drawn again. */
  refreshTimes(): void {
    for (const { node } of this.#shown.values()) {
      if (node.kind === 'point') this.#fired.fire(node);
    }
  }

  /** Something was written into a store: its row, and what is open below it, is drawn again. */
  refreshStore(path: string): void {
    const shown = this.#shown.get(storeId(path));
    if (shown !== undefined) this.#fired.fire(shown.node);
  }

  getTreeItem(node: StoreTreeNode): vscode.TreeItem {
    return toTreeItem(presentStoreNode(node));
  }

  /** Adds to the tooltip of a disk what it holds, when somebody looks at it. */
  async resolveTreeItem(
    item: vscode.TreeItem,
    node: StoreTreeNode,
    token: vscode.CancellationToken,
  ): Promise<vscode.TreeItem> {
    if (node.kind !== 'pointDisk') return item;
    const { store, vm, point, disk: record } = node;
    const place = { store, vm: vm.id, point: point.id, disk: record.number };
    try {
      const disk = { kind: 'point', ...place } as const;
      const found = await this.#engine.request(requests.inspectGuest, { disk }, token);
      item.tooltip = tooltip([...presentStoreNode(node).facts, '', ...inspectionFacts(found)]);
    } catch {
      // The row still has its own facts; opening the disk says what is wrong with it.
    }
    return item;
  }

  getParent(node: StoreTreeNode): StoreTreeNode | undefined {
    if (node.kind === 'message') return node.parent;
    return this.#shown.get(node.id)?.parent ?? parentOf(node);
  }

  async getChildren(node?: StoreTreeNode): Promise<StoreTreeNode[]> {
    if (node === undefined) this.#shown.clear();
    const children = await this.#children(node);
    for (const child of children) this.#shown.set(child.id, { node: child, parent: node });
    return children;
  }

  dispose(): void {
    this.#fired.dispose();
  }

  async #children(node: StoreTreeNode | undefined): Promise<StoreTreeNode[]> {
    if (node === undefined) {
      return sortedStores().map((path) => ({ kind: 'store', id: storeId(path), path }));
    }
    if (node.kind === 'message' || node.kind === 'pointDisk') return [];
    try {
      if (node.kind === 'store') return await this.#vms(node);
      if (node.kind === 'storeVm') return await this.#points(node);
      return disksOf(node);
    } catch (error) {
      return [errorNode(node, error)];
    }
  }

  async #vms(node: StoreNode): Promise<StoreTreeNode[]> {
    const { path: store, id } = node;
    const vms = await this.#engine.request(requests.storeVms, { path: store });
    if (vms.length === 0) return [stepNode(node, t('No backup yet'), STEPS.backUp())];
    return withOwnIds(
      byName(
        vms,
        ({ name, id: vmId }) => name || vmId,
        ({ id: vmId }) => vmId,
      ).map((vm): StoreVmNode => {
        const twin = vms.some((other) => other.id !== vm.id && other.name === vm.name);
        return { kind: 'storeVm', id: `${id}/${vm.id}`, store, vm, twin };
      }),
    );
  }

  async #points({ id, store, vm }: StoreVmNode): Promise<StoreTreeNode[]> {
    const params = { path: store, vm: vm.id };
    const points = await this.#engine.request(requests.storePoints, params);
    return withOwnIds(
      points.toReversed().map((point): PointNode => ({
        kind: 'point',
        id: `${id}/${point.id}`,
        store,
        vm,
        point,
      })),
    );
  }
}

const storeId = (path: string): string => `store:${path}`;

/** The row above, made anew: the view finds its own by the id. */
function parentOf(node: Exclude<StoreTreeNode, MessageNode>): StoreTreeNode | undefined {
  if (node.kind === 'store') return undefined;
  const { store, vm } = node;
  if (node.kind === 'storeVm') return { kind: 'store', id: storeId(store), path: store };
  const vmId = `${storeId(store)}/${vm.id}`;
  if (node.kind === 'point') return { kind: 'storeVm', id: vmId, store, vm, twin: false };
  const { point } = node;
  return { kind: 'point', id: `${vmId}/${point.id}`, store, vm, point };
}

function disksOf({ id, store, vm, point }: PointNode): StoreTreeNode[] {
  return point.disks.map((disk): PointDiskNode => ({
    kind: 'pointDisk',
    id: `${id}/${disk.number}`,
    store,
    vm,
    point,
    disk,
  }));
}
