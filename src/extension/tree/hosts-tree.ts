import * as vscode from 'vscode';
import { hostKey } from '../hosts.ts';
import { describeError, showError } from '../present-error.ts';
import type { HostsModel } from './hosts-model.ts';
import type { HostTreeNode, VmNode } from './nodes.ts';
import { presentHostNode } from './present-host-nodes.ts';
import { toTreeItem } from './row.ts';

/** The view of hosts with their VMs, and of each VM its disks, checkpoints and reference points. */
export class HostsTree implements vscode.TreeDataProvider<HostTreeNode>, vscode.Disposable {
  readonly #model: HostsModel;
  readonly #fired = new vscode.EventEmitter<HostTreeNode | undefined>();
  readonly #subscription: vscode.Disposable;
  /** The node objects that the view holds, since it finds what is to be drawn again by identity. */
  readonly #shown = new Map<string, HostTreeNode>();
  /** How often a node was drawn again, for tests. */
  refreshed = 0;

  readonly onDidChangeTreeData = this.#fired.event;

  constructor(model: HostsModel) {
    this.#model = model;
    this.#subscription = model.onChanged((node) => {
      this.refreshed++;
      this.#fired.fire(node === undefined ? undefined : (this.#replace(node) ?? undefined));
    });
  }

  getTreeItem(node: HostTreeNode): vscode.TreeItem {
    return toTreeItem(presentHostNode(this.#current(node)));
  }

  async getChildren(node?: HostTreeNode): Promise<HostTreeNode[]> {
    const children = await this.#children(node === undefined ? undefined : this.#current(node));
    for (const child of children) this.#shown.set(child.id, child);
    return children;
  }

  getParent(node: HostTreeNode): HostTreeNode | undefined {
    if (node.kind === 'host' || node.kind === 'message') return undefined;
    if (node.kind === 'vm')
      return this.#shown.get(`host:${hostKey(node.host)}`) ?? this.#model.hostOf(node.host);
    return this.#model.vm(node.host, node.vm.id);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#fired.dispose();
  }

  async #children(node: HostTreeNode | undefined): Promise<HostTreeNode[]> {
    if (node === undefined) return [...this.#model.hosts];
    if (node.kind === 'host') {
      if (node.state !== 'connected') {
        try {
          await this.#model.connect(node.id, true);
        } catch (error) {
          void showError(error, this.#model.host(node.id));
        }
      }
      const now = this.#model.host(node.id);
      if (now?.state === 'failed') {
        return [
          {
            kind: 'message',
            id: `${node.id}/problem`,
            text: now.problem ?? '',
            severity: 'warning',
          },
        ];
      }
      return [...this.#model.vms(node.id)];
    }
    if (node.kind === 'vm') return this.#vmChildren(node);
    return [];
  }

  async #vmChildren(node: VmNode): Promise<HostTreeNode[]> {
    const { id, host } = node;
    try {
      const vm = await this.#model.details(node);
      return [
        ...vm.findings.map((finding, i): HostTreeNode => ({
          kind: 'message',
          id: `${id}/finding${i}`,
          text: finding.message,
          severity: finding.severity,
        })),
        ...vm.disks.map((disk): HostTreeNode => ({
          kind: 'vmDisk',
          id: `${id}/disk${disk.number}`,
          host,
          vm,
          disk,
        })),
        ...vm.checkpoints.map((checkpoint): HostTreeNode => ({
          kind: 'checkpoint',
          id: `${id}/${checkpoint.id}`,
          host,
          vm,
          checkpoint,
        })),
        ...vm.referencePoints.map((point): HostTreeNode => ({
          kind: 'referencePoint',
          id: `${id}/${point.id}`,
          host,
          vm,
          point,
        })),
      ];
    } catch (error) {
      return [
        {
          kind: 'message',
          id: `${id}/problem`,
          text: describeError(error).text,
          severity: 'warning',
        },
      ];
    }
  }

  /** The newest state of a node that the view may hold in an older one. */
  #current(node: HostTreeNode): HostTreeNode {
    if (node.kind === 'host') return this.#model.host(node.id) ?? node;
    if (node.kind === 'vm') return this.#model.vm(node.host, node.row.id) ?? node;
    return node;
  }

  #replace(node: HostTreeNode): HostTreeNode | undefined {
    return this.#shown.get(node.id);
  }
}
