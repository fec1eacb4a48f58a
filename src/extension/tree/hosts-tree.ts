import * as vscode from 'vscode';
import type { Finding, UnreadStore, VmShow } from '../../engine/api/host.ts';
import { STEPS } from '../errors/areas/next-step.ts';
import { isCancelled, presentCode } from '../errors/present-error.ts';
import { isThisComputer } from '../settings/host-address.ts';
import { countWrongHosts } from '../settings/hosts.ts';
import { storeLabel } from '../settings/stores.ts';
import type { GroupsModel } from '../hosts/groups-model.ts';
import type { HostsModel } from '../hosts/hosts-model.ts';
import { howToGetRights } from '../words/own-rights.ts';
import { errorNode, stepNode } from './message-node.ts';
import {
  withOwnIds,
  type GroupNode,
  type HostNode,
  type HostTreeNode,
  type VmNode,
} from '../nodes/nodes.ts';
import { groupRows } from './group-rows.ts';
import { presentHostNode } from './present-host-nodes.ts';
import { toTreeItem } from './row.ts';

const { t } = vscode.l10n;

/** Options that the user chose for the backups of VMs. */
interface Choices {
  readonly of: (vmId: string) => { readonly leftOut?: readonly string[] };
  readonly onChanged: vscode.Event<string>;
}

/**
 * The view of hosts with their groups and VMs: of each VM its disks, checkpoints and reference points, of each
 * group its members and disks.
 */
export class HostsTree implements vscode.TreeDataProvider<HostTreeNode>, vscode.Disposable {
  readonly #model: HostsModel;
  readonly #groups: GroupsModel;
  readonly #choices: Choices;
  readonly #fired = new vscode.EventEmitter<HostTreeNode | undefined>();
  readonly #subscription: vscode.Disposable;
  /** The objects that the view holds, by id: it finds what is to be drawn again by identity. */
  readonly #shown = new Map<string, HostTreeNode>();

  readonly onDidChangeTreeData = this.#fired.event;

  constructor(model: HostsModel, groups: GroupsModel, choices: Choices) {
    this.#model = model;
    this.#groups = groups;
    this.#choices = choices;
    this.#subscription = vscode.Disposable.from(
      model.onChanged((node) => this.#changed(node)),
      groups.onChanged((node) => this.#changed(node)),
      choices.onChanged((vmId) => {
        for (const node of this.#shown.values()) {
          if (node.kind === 'vm' && node.row.id === vmId) this.#fired.fire(node);
        }
      }),
    );
  }

  #changed(node: HostNode | VmNode | GroupNode | undefined): void {
    if (node === undefined) {
      this.#fired.fire(undefined);
      return;
    }
    // One that the view has never seen is drawn when its parent is opened.
    const shown = this.#shown.get(node.id);
    if (shown !== undefined) this.#fired.fire(shown);
  }

  /** Time has passed: rows that tell how long ago something was are drawn again. */
  refreshTimes(): void {
    for (const node of this.#shown.values()) {
      if (node.kind === 'referencePoint') this.#fired.fire(node);
    }
  }

  getTreeItem(node: HostTreeNode): vscode.TreeItem {
    return toTreeItem(presentHostNode(this.#current(node)));
  }

  async getChildren(node?: HostTreeNode): Promise<HostTreeNode[]> {
    const children = await this.#children(node === undefined ? undefined : this.#current(node));
    if (node === undefined) this.#shown.clear();
    for (const child of children) this.#shown.set(child.id, child);
    return children;
  }

  getParent(node: HostTreeNode): HostTreeNode | undefined {
    switch (node.kind) {
      case 'host':
        return undefined;
      case 'message':
        return node.parent;
      case 'vm':
      case 'group':
        return this.#model.hostOf(node.host);
      case 'vmDisk':
      case 'checkpoint':
      case 'referencePoint':
        return this.#model.vm(node.host, node.vm.id);
      case 'groupMember':
      case 'groupDisk':
        return this.#groups.group(node.host, node.group.id);
    }
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#fired.dispose();
  }

  async #children(node: HostTreeNode | undefined): Promise<HostTreeNode[]> {
    switch (node?.kind) {
      case undefined:
        return [...this.#model.hosts, ...wrongSettings()];
      case 'host':
        return this.#hostChildren(node);
      case 'vm':
        return this.#vmChildren(node);
      case 'group':
        return this.#groupChildren(node);
      default:
        return [];
    }
  }

  /** Asks nobody for a password: the editor opens nodes by itself when a window starts. */
  async #hostChildren({ id, state }: HostNode): Promise<HostTreeNode[]> {
    if (state === 'disconnected') await this.#model.open(id);
    const node = this.#model.host(id);
    if (node === undefined) return [];
    if (node.state === 'failed') return [errorNode(node, node.failure)];
    if (node.state === 'disconnected' && node.arriving !== true) {
      return [stepNode(node, t('Connect to see the VMs'), STEPS.connect())];
    }
    const vms = this.#model.vms(id);
    if (vms.length > 0) return [...this.#groups.of(id), ...vms];
    if (node.lab) return [stepNode(node, t('The lab host has no VM'), STEPS.addLabVm())];
    const none = t('The host has no VM that this user may see');
    const here = isThisComputer(node.host.url) ? howToGetRights() : '';
    return [stepNode(node, none, STEPS.showFindings(), here)];
  }

  async #vmChildren(node: VmNode): Promise<HostTreeNode[]> {
    try {
      const vm = await this.#model.details(node);
      return rowsOf(node, vm, this.#choices.of(vm.id).leftOut ?? []);
    } catch (error) {
      return [
        isCancelled(error)
          ? stepNode(node, t('Connect to see more'), STEPS.connect())
          : errorNode(node, error),
      ];
    }
  }

  async #groupChildren(node: GroupNode): Promise<HostTreeNode[]> {
    try {
      return groupRows(node, await this.#groups.details(node));
    } catch (error) {
      return [
        isCancelled(error)
          ? stepNode(node, t('Connect to see more'), STEPS.connect())
          : errorNode(node, error),
      ];
    }
  }

  /** The newest state of a node that the view may hold in an older one. */
  #current(node: HostTreeNode): HostTreeNode {
    if (node.kind === 'host') return this.#model.host(node.id) ?? node;
    if (node.kind === 'vm') return this.#model.vm(node.host, node.row.id) ?? node;
    if (node.kind === 'group') return this.#groups.group(node.host, node.row.id) ?? node;
    return node;
  }
}

/** Findings first, then disks, checkpoints, and the reference points, the newest first. */
function rowsOf(node: VmNode, vm: VmShow, leftOut: readonly string[]): HostTreeNode[] {
  const { id, host } = node;
  return withOwnIds<HostTreeNode>([
    ...(vm.unreadStores ?? []).map((store) => unreadNode(node, store)),
    ...vm.findings.map((finding): HostTreeNode => findingNode(node, finding, leftOut)),
    ...vm.disks.map((disk): HostTreeNode => ({
      kind: 'vmDisk',
      id: `${id}/disk:${disk.number}`,
      host,
      vm,
      disk,
      leftOut: leftOut.includes(disk.controller),
    })),
    ...vm.checkpoints.map((checkpoint): HostTreeNode => ({
      kind: 'checkpoint',
      id: `${id}/checkpoint:${checkpoint.id}`,
      host,
      vm,
      checkpoint,
    })),
    ...vm.referencePoints.toReversed().map((point): HostTreeNode => ({
      kind: 'referencePoint',
      id: `${id}/point:${point.id}`,
      host,
      vm,
      point,
    })),
  ]);
}

/** A store that cannot be read leaves open whose reference points are. */
function unreadNode(parent: VmNode, { path, code, message }: UnreadStore): HostTreeNode {
  const { text, next } = presentCode(code, message);
  return {
    kind: 'message',
    id: `${parent.id}/unread:${path}`,
    parent,
    text: t('Store {0} cannot be read', storeLabel(path)),
    detail: [path, text, t('Reference points that it knows show as of an unknown owner.')].join(
      '\n',
    ),
    severity: 'warning',
    next: next[0] ?? null,
  };
}

/** A finding; what keeps a disk from being backed up offers to leave the disk out. */
function findingNode(
  parent: VmNode,
  { code, message, severity, slot }: Finding,
  leftOut: readonly string[],
): HostTreeNode {
  const node = {
    kind: 'message',
    id: `${parent.id}/finding:${code}${slot === undefined ? '' : `:${slot}`}`,
    parent,
    detail: `${message} (${code})`,
  } as const;
  if (slot === undefined || severity !== 'error') {
    return { ...node, text: message, severity, next: null };
  }
  const args = [{ slot }];
  if (leftOut.includes(slot)) {
    const title = t('Take It into Backups Again');
    const next = { title, command: 'refpoint.takeDiskAgain', args };
    return { ...node, text: t('{0} is left out of backups', slot), severity: 'info', next };
  }
  const next = { title: t('Leave This Disk Out'), command: 'refpoint.leaveDiskOut', args };
  return { ...node, text: message, severity, next };
}

/** Reports invalid entries of the settings instead of ignoring them. */
function wrongSettings(): HostTreeNode[] {
  const count = countWrongHosts();
  if (count === 0) return [];
  const text =
    count === 1
      ? t('An entry of refpoint.hosts has no usable address')
      : t('{0} entries of refpoint.hosts have no usable address', count);
  const title = t('Open Settings');
  return [
    {
      kind: 'message',
      id: 'wrong-settings',
      parent: undefined,
      text,
      detail: text,
      severity: 'warning',
      next: { title, command: 'workbench.action.openApplicationSettingsJson', args: [] },
    },
  ];
}
