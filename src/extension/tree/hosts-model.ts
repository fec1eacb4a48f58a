import * as vscode from 'vscode';
import type { HostTarget, VmRow, VmShow } from '../../engine/api/host.ts';
import { requests } from '../../engine/api/methods.ts';
import type { Engine } from '../engine/engine.ts';
import { hostKey, readHosts, type HostSetting } from '../hosts.ts';
import { describeError } from '../present-error.ts';
import { readStores } from '../stores.ts';
import type { HostNode, HostTreeNode, VmNode } from './nodes.ts';

interface Known {
  node: HostNode;
  /** Nodes of the VMs by id, in the host's order. */
  vms: ReadonlyMap<string, VmNode>;
  readonly details: Map<string, VmShow>;
}

/** What is known of the hosts: asks as little as it can, and says exactly which nodes changed. */
export class HostsModel implements vscode.Disposable {
  readonly #engine: Engine;
  readonly #target: (host: HostSetting, ask: boolean) => Promise<HostTarget | undefined>;
  #known = new Map<string, Known>();
  readonly #changed = new vscode.EventEmitter<HostTreeNode | undefined>();

  /** A node that looks different now; undefined: the list of hosts. */
  readonly onChanged = this.#changed.event;

  constructor(
    engine: Engine,
    target: (host: HostSetting, ask: boolean) => Promise<HostTarget | undefined>,
  ) {
    this.#engine = engine;
    this.#target = target;
    this.readSettings();
  }

  /** The settings changed: hosts that stayed keep what is known of them. */
  readSettings(): void {
    const next = new Map<string, Known>();
    for (const host of readHosts()) {
      const id = `host:${hostKey(host)}`;
      const old = this.#known.get(id);
      const lab = host.lab !== undefined;
      const node: HostNode =
        old === undefined
          ? { kind: 'host', id, host, state: 'disconnected', lab, vms: 0, problem: null }
          : { ...old.node, host, lab };
      next.set(id, { node, vms: old?.vms ?? new Map(), details: old?.details ?? new Map() });
    }
    this.#known = next;
    this.#changed.fire(undefined);
  }

  get hosts(): readonly HostNode[] {
    return [...this.#known.values()].map(({ node }) => node);
  }

  get connected(): readonly HostNode[] {
    return this.hosts.filter(({ state }) => state === 'connected');
  }

  host(id: string): HostNode | undefined {
    return this.#known.get(id)?.node;
  }

  hostOf(host: HostSetting): HostNode | undefined {
    return this.host(`host:${hostKey(host)}`);
  }

  vms(hostId: string): readonly VmNode[] {
    return [...(this.#known.get(hostId)?.vms.values() ?? [])];
  }

  vm(host: HostSetting, vmId: string): VmNode | undefined {
    return this.#known.get(`host:${hostKey(host)}`)?.vms.get(vmId);
  }

  /** Asks the host for its VMs. With `ask`, the person may be asked for a password. */
  async connect(id: string, ask: boolean): Promise<void> {
    const known = this.#known.get(id);
    if (known === undefined) return;
    try {
      const target = await this.#target(known.node.host, ask);
      if (target === undefined) return;
      const rows = await this.#engine.request(requests.listVms, { target });
      this.#setRows(id, rows);
    } catch (error) {
      this.#setState(id, { state: 'failed', problem: describeError(error).text, vms: 0 });
      throw error;
    }
  }

  disconnect(id: string): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    known.vms = new Map();
    known.details.clear();
    this.#setState(id, { state: 'disconnected', problem: null, vms: 0 });
  }

  /** Asks again for a VM, or for all VMs of all connected hosts; failures show at the hosts. */
  async refresh(): Promise<void> {
    await Promise.all(
      this.connected.map(({ id }) => this.connect(id, false).catch(() => undefined)),
    );
  }

  async refreshVm(node: VmNode): Promise<void> {
    const hostId = `host:${hostKey(node.host)}`;
    this.#known.get(hostId)?.details.delete(node.row.id);
    await this.connect(hostId, false);
    const now = this.#known.get(hostId)?.vms.get(node.row.id);
    if (now !== undefined) this.#changed.fire(now);
  }

  /** A VM with everything: one request, when its node is opened. */
  async details(node: VmNode): Promise<VmShow> {
    const known = this.#known.get(`host:${hostKey(node.host)}`);
    const cached = known?.details.get(node.row.id);
    if (cached !== undefined) return cached;
    const target = await this.#target(node.host, true);
    if (target === undefined) throw new vscode.CancellationError();
    const params = { target, vm: node.row.id, stores: readStores() };
    const vm = await this.#engine.request(requests.showVm, params);
    known?.details.set(node.row.id, vm);
    return vm;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #setRows(id: string, rows: readonly VmRow[]): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    const { host, lab } = known.node;
    const before = known.vms;
    const next = new Map<string, VmNode>();
    const changed: VmNode[] = [];
    for (const row of rows) {
      const old = before.get(row.id);
      if (old !== undefined && sameRow(old.row, row)) {
        next.set(row.id, old);
        continue;
      }
      const node: VmNode = { kind: 'vm', id: `${id}/${row.id}`, host, lab, row };
      next.set(row.id, node);
      if (old !== undefined) {
        changed.push(node);
        known.details.delete(row.id);
      }
    }
    known.vms = next;
    const sameList = before.size === next.size && [...next.keys()].every((key) => before.has(key));
    const was = known.node.state;
    known.node = { ...known.node, state: 'connected', vms: rows.length, problem: null };
    if (was !== 'connected') this.#changed.fire(undefined);
    else if (!sameList) this.#changed.fire(known.node);
    else for (const node of changed) this.#changed.fire(node);
  }

  #setState(id: string, change: Partial<HostNode>): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    known.node = { ...known.node, ...change };
    this.#changed.fire(undefined);
  }
}

function sameRow(a: VmRow, b: VmRow): boolean {
  return (Object.keys(b) as (keyof VmRow)[]).every((key) => a[key] === b[key]);
}
