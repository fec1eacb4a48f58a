import * as vscode from 'vscode';
import { requests } from '../../engine/api/methods.ts';
import type { Engine } from '../engine/engine.ts';
import { formatBytes, formatTime } from '../format.ts';
import { describeError } from '../present-error.ts';
import { readStores } from '../stores.ts';
import type { PointDiskNode, PointNode, StoreTreeNode, StoreVmNode } from './nodes.ts';
import { presentMessage } from './present-host-nodes.ts';
import { toTreeItem, type Row } from './row.ts';

const { t } = vscode.l10n;

/** The view of stores: their VMs, the points of each, the newest first, and the disks of each point. */
export class StoresTree implements vscode.TreeDataProvider<StoreTreeNode>, vscode.Disposable {
  readonly #engine: Engine;
  readonly #fired = new vscode.EventEmitter<StoreTreeNode | undefined>();
  readonly #parents = new Map<string, StoreTreeNode>();

  readonly onDidChangeTreeData = this.#fired.event;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  refresh(): void {
    this.#fired.fire(undefined);
  }

  getTreeItem(node: StoreTreeNode): vscode.TreeItem {
    return toTreeItem(present(node));
  }

  getParent(node: StoreTreeNode): StoreTreeNode | undefined {
    return this.#parents.get(node.id);
  }

  async getChildren(node?: StoreTreeNode): Promise<StoreTreeNode[]> {
    try {
      const children = await this.#children(node);
      if (node !== undefined) for (const child of children) this.#parents.set(child.id, node);
      return children;
    } catch (error) {
      const text = describeError(error).text;
      return [{ kind: 'message', id: `${node?.id ?? ''}/problem`, text, severity: 'warning' }];
    }
  }

  dispose(): void {
    this.#fired.dispose();
  }

  async #children(node: StoreTreeNode | undefined): Promise<StoreTreeNode[]> {
    if (node === undefined) {
      return readStores().map((path) => ({ kind: 'store', id: `store:${path}`, path }));
    }
    if (node.kind === 'store') {
      const vms = await this.#engine.request(requests.storeVms, { path: node.path });
      return vms.map((vm) => ({
        kind: 'storeVm',
        id: `${node.id}/${vm.id}`,
        store: node.path,
        vm,
      }));
    }
    if (node.kind === 'storeVm') {
      const params = { path: node.store, vm: node.vm.id };
      const points = await this.#engine.request(requests.storePoints, params);
      const { store, vm } = node;
      return points
        .map((point): PointNode => ({
          kind: 'point',
          id: `${node.id}/${point.id}`,
          store,
          vm,
          point,
        }))
        .reverse();
    }
    if (node.kind === 'point') {
      const { store, vm, point } = node;
      return point.disks.map((disk): PointDiskNode => ({
        kind: 'pointDisk',
        id: `${node.id}/${disk.number}`,
        store,
        vm,
        point,
        disk,
      }));
    }
    return [];
  }
}

function present(node: StoreTreeNode): Row {
  switch (node.kind) {
    case 'store':
      return {
        id: node.id,
        label: node.path.split(/[\\/]/).findLast(Boolean) ?? node.path,
        description: node.path,
        facts: [[t('Store'), node.path]],
        icon: 'archive',
        context: ['store', 'id'],
        children: 'closed',
        spoken: t('Store {0}', node.path),
      };
    case 'storeVm':
      return presentVm(node);
    case 'point':
      return presentPoint(node);
    case 'pointDisk':
      return presentDisk(node);
    case 'message':
      return presentMessage(node);
  }
}

function presentVm({ id, vm }: StoreVmNode): Row {
  const name = vm.name === '' ? vm.id : vm.name;
  const points = vm.points === 1 ? t('1 point') : t('{0} points', vm.points);
  return {
    id,
    label: name,
    description: points,
    facts: [
      [t('Host'), vm.host ?? t('unknown')],
      [t('Last backup'), formatTime(vm.lastBackup)],
      [t('Id'), vm.id],
    ],
    icon: 'vm',
    context: ['storeVm', 'id', 'json', 'command'],
    children: 'closed',
  };
}

function presentPoint({ id, point }: PointNode): Row {
  const full = point.kind === 'full';
  const verdict = verdictOf(point);
  const size = formatBytes(point.bytes);
  if (point.state !== 'complete') {
    const damaged = point.state === 'damaged';
    return {
      id,
      label: point.id,
      description: damaged ? t('damaged') : t('not finished'),
      facts: [point.problem ?? t('A run was interrupted; Clean Up removes it.')],
      icon: damaged ? 'error' : 'circle-slash',
      ...(damaged ? { color: 'list.errorForeground' } : {}),
      context: ['point', point.state, 'id', 'json'],
      children: 'none',
    };
  }
  return {
    id,
    label: formatTime(point.created),
    description: [full ? t('full') : t('incremental'), size, verdict.text]
      .filter(Boolean)
      .join(' · '),
    facts: [
      [t('Point'), point.id],
      [t('Why'), point.reason?.text ?? ''],
      [t('Consistency'), point.consistency ?? ''],
      [t('Parent'), point.parent ?? t('none')],
      [t('Stored'), size],
      [t('Verified'), verdict.long],
    ],
    icon: point.verified?.ok === false ? 'error' : full ? 'circle-large-filled' : 'circle-outline',
    ...(point.verified?.ok === false ? { color: 'list.errorForeground' } : {}),
    context: ['point', 'complete', 'id', 'json', 'command'],
    children: 'closed',
    spoken: [
      full ? t('Full point') : t('Incremental point'),
      formatTime(point.created),
      size,
      verdict.text,
    ]
      .filter(Boolean)
      .join(', '),
  };
}

function verdictOf({ verified }: PointNode['point']): { text: string; long: string } {
  if (verified === null) return { text: '', long: t('never') };
  const when = formatTime(verified.time);
  if (!verified.ok) return { text: t('DAMAGED'), long: t('damage found {0}', when) };
  return {
    text: t('verified'),
    long: verified.quick ? t('quickly, {0}', when) : t('every hash, {0}', when),
  };
}

function presentDisk({ id, disk }: PointDiskNode): Row {
  const kind = disk.kind === 'full' ? t('full') : t('incremental');
  return {
    id,
    label: disk.name,
    description: [
      kind,
      formatBytes(disk.fileSize),
      t('of {0}', formatBytes(disk.virtualSize)),
    ].join(' · '),
    facts: [
      [t('File'), disk.path],
      [t('Slot'), disk.slot],
      [t('Kind'), kind],
      [t('Virtual size'), formatBytes(disk.virtualSize)],
    ],
    icon: 'database',
    context: ['pointDisk', 'id', 'json'],
    children: 'none',
    command: { command: 'refpoint.openChangeMap', title: '' },
  };
}
