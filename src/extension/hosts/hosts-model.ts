import * as vscode from 'vscode';
import type { FileProtection, FoundVm, HostTarget, VmRow, VmShow } from '../../engine/api/host.ts';
import { requests } from '../../engine/api/methods.ts';
import { EngineFailure } from '../engine/engine-error.ts';
import { codeOf } from '../errors/own-failure.ts';
import type { Engine } from '../engine/engine.ts';
import { byName } from '../words/by-name.ts';
import type { LoginFacts } from '../words/login-text.ts';
import { canonicalUrl } from '../settings/host-address.ts';
import { hostKey, hostLabel, readHosts, type HostSetting } from '../settings/hosts.ts';
import { readStores } from '../settings/stores.ts';
import type { HostNode, VmNode } from '../nodes/nodes.ts';

interface Known {
  node: HostNode;
  /** Nodes of the VMs by id, in the order of their names. */
  vms: ReadonlyMap<string, VmNode>;
  /** By VM: what was asked when its node was opened. */
  readonly details: Map<string, Promise<VmShow>>;
  /** The list is being asked for. */
  asking: Promise<void> | undefined;
  /** Cancels the request for the list. */
  cancel: vscode.CancellationTokenSource | undefined;
  /** The list was asked for because the host's row was opened, and nothing else waits for it. */
  forRow: boolean;
  /** Number of times that the row was closed before the list was complete. */
  closes: number;
  /** Rises when the host is left: answers to what was asked before are dropped. */
  epoch: number;
  /** The person disconnected it: it is connected again only when they ask for it. */
  left: boolean;
  /** It failed in a way that may pass: the next refresh tries again. Never after a refused login, which could lock the account. */
  retry: boolean;
}

/** Functions that connect to hosts. */
export interface Reach {
  /** Returns undefined if a prompt would be needed and is not allowed, or the user cancelled. */
  target(host: HostSetting, ask: boolean): Promise<HostTarget | undefined>;
  /** The host refused this password. */
  refused(host: HostSetting, password: string): Promise<void>;
}

/** Model of the hosts: sends as few requests as possible, and reports exactly which nodes changed. */
export class HostsModel implements vscode.Disposable {
  readonly #engine: Engine;
  readonly #reach: Reach;
  #known = new Map<string, Known>();
  readonly #changed = new vscode.EventEmitter<HostNode | VmNode | undefined>();
  readonly #arrived = new vscode.EventEmitter<string>();
  #listedAt = 0;

  /** A node that looks different now; undefined: the list of hosts. */
  readonly onChanged = this.#changed.event;

  constructor(engine: Engine, reach: Reach) {
    this.#engine = engine;
    this.#reach = reach;
    this.readSettings();
  }

  /** The settings changed: hosts that stayed keep what is known of them. */
  readSettings(): void {
    const next = new Map<string, Known>();
    for (const host of readHosts()) {
      const id = idOf(host);
      const lab = host.lab !== undefined;
      const old = this.#known.get(id);
      if (old === undefined) next.set(id, newHost(id, host, lab));
      else {
        old.node = { ...old.node, host, lab };
        old.vms = mapValues(old.vms, (vm) => ({ ...vm, host, lab }));
        next.set(id, old);
      }
    }
    for (const [id, old] of this.#known) if (!next.has(id)) leave(old);
    this.#known = next;
    this.#changed.fire(undefined);
  }

  /** When a host last answered with its VMs, in milliseconds. */
  get listedAt(): number {
    return this.#listedAt;
  }

  get hosts(): readonly HostNode[] {
    return byName(
      [...this.#known.values()].map(({ node }) => node),
      ({ host }) => hostLabel(host),
      ({ id }) => id,
    );
  }

  get connected(): readonly HostNode[] {
    return this.hosts.filter(({ state }) => state === 'connected');
  }

  /** Ids of the hosts that are worth another look: connected, or failed in a way that may pass. */
  get polled(): readonly string[] {
    return [...this.#known.values()]
      .filter(({ node, retry }) => node.state === 'connected' || retry)
      .map(({ node }) => node.id);
  }

  host(id: string): HostNode | undefined {
    return this.#known.get(id)?.node;
  }

  hostOf(host: HostSetting): HostNode | undefined {
    return this.host(idOf(host));
  }

  /** The host at an address; of several with different users, the one that is connected. */
  at(url: string): HostNode | undefined {
    const all = this.hosts.filter(({ host }) => canonicalUrl(host.url) === canonicalUrl(url));
    return all.find(({ state }) => state === 'connected') ?? all[0];
  }

  vms(hostId: string): readonly VmNode[] {
    return [...(this.#known.get(hostId)?.vms.values() ?? [])];
  }

  vm(host: HostSetting, vmId: string): VmNode | undefined {
    return this.#known.get(idOf(host))?.vms.get(vmId);
  }

  /**
   * Asks the host for its VMs, in one request however many there are. With `ask`, the person may be asked for a password or a
   * certificate. What only a row waits for ends when that is closed. Throws what went wrong, after the node shows it.
   */
  async connect(id: string, ask: boolean, waits: 'caller' | 'row' = 'caller'): Promise<void> {
    const known = this.#known.get(id);
    if (known === undefined || (known.left && !ask)) return;
    known.left = false;
    known.forRow = waits === 'row' && (known.forRow || known.asking === undefined);
    if (known.asking !== undefined) {
      if (!ask) return known.asking;
      const { closes } = known;
      await known.asking.catch(() => undefined);
      if (known.node.state === 'connected' || closes !== known.closes) return;
    }
    await this.#asked(known, ask);
  }

  /**
   * Asks a host that is not connected for its VMs, for a row that was opened, without asking anybody for
   * anything. Resolves when the first VMs have arrived, or with the whole answer. Failures show at the host.
   */
  async open(id: string): Promise<void> {
    const known = this.#known.get(id);
    if (known === undefined || known.left) return;
    if (known.asking === undefined) known.forRow = true;
    const arrived = new Promise<void>((resolve) => {
      const listener = this.#arrived.event((host) => {
        if (host !== id) return;
        listener.dispose();
        resolve();
      });
    });
    const asked = this.#asked(known, false).catch(() => undefined);
    if (known.node.arriving !== true) await Promise.race([asked, arrived]);
    this.#arrived.fire(id);
  }

  /**
   * The row of a host was closed: stops asking for its VMs, unless somebody else waits for them. While the person types a
   * password nothing has been asked yet: what they type is used, since a double click opens and closes the row.
   */
  close(id: string): void {
    const known = this.#known.get(id);
    if (known?.cancel === undefined || !known.forRow || known.node.state === 'connected') return;
    known.closes++;
    leave(known);
    this.#setState(known, { vms: 0 });
  }

  #asked(known: Known, ask: boolean): Promise<void> {
    if (known.asking !== undefined) return known.asking;
    const asking = this.#list(known, ask).finally(() => {
      if (known.asking === asking) known.asking = undefined;
    });
    known.asking = asking;
    return asking;
  }

  disconnect(id: string): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    leave(known);
    // The view asks for the rows of an open host at once: that must not connect it again.
    known.left = true;
    this.#setState(known, { state: 'disconnected', vms: 0, failure: null, login: null });
  }

  /** Keeps the facts about the login of a connected host. */
  setLogin(id: string, login: LoginFacts): void {
    const known = this.#known.get(id);
    if (known?.node.state === 'connected') this.#setState(known, { login });
  }

  /** Keeps how the messages of a file server of a host were protected. */
  setFiles(host: HostSetting, files: FileProtection): void {
    const known = this.#known.get(idOf(host));
    if (known !== undefined) this.#setState(known, { files });
  }

  /** Asks again for the VMs of all connected hosts, and of those that failed in passing; failures show at the hosts. */
  async refresh(): Promise<void> {
    await Promise.all(this.polled.map((id) => this.connect(id, false).catch(() => undefined)));
  }

  /** The same, and what is known of opened VMs is asked again when their rows are drawn. */
  async refreshAll(): Promise<void> {
    const opened = [...this.#known.values()].flatMap(({ vms, details }) => {
      const nodes = [...details.keys()].flatMap((vmId) => vms.get(vmId) ?? []);
      details.clear();
      return nodes;
    });
    await this.refresh();
    for (const { host, row } of opened) {
      const now = this.vm(host, row.id);
      if (now !== undefined) this.#changed.fire(now);
    }
  }

  /** Something was done to a VM: it is asked again, and its node drawn again. */
  async refreshVm(host: HostSetting, vmId: string): Promise<void> {
    const known = this.#known.get(idOf(host));
    known?.details.delete(vmId);
    const before = known?.vms.get(vmId);
    await this.connect(idOf(host), false).catch(() => undefined);
    const now = known?.vms.get(vmId);
    // One whose row changed has been drawn again by that.
    if (now !== undefined && now === before) this.#changed.fire(now);
  }

  /** A VM with everything: one request, when its node is opened. */
  async details({ host, row }: VmNode): Promise<VmShow> {
    const known = this.#known.get(idOf(host));
    const cached = known?.details.get(row.id);
    if (cached !== undefined) return cached;
    const asked = this.#show(host, row.id);
    known?.details.set(row.id, asked);
    asked.catch(() => {
      if (known?.details.get(row.id) === asked) known.details.delete(row.id);
    });
    return asked;
  }

  /** Asks again for a VM whose rows are shown; its node is drawn again only if something differs. */
  async recheck({ host, row }: VmNode): Promise<void> {
    const known = this.#known.get(idOf(host));
    const shown = known?.details.get(row.id);
    if (known === undefined || shown === undefined) return;
    const { epoch } = known;
    const target = await this.#reach.target(host, false);
    if (target === undefined) return;
    const params = { target, vm: row.id, stores: readStores() };
    const now = await this.#engine.request(requests.showVm, params);
    const before = await shown.catch(() => undefined);
    const stale = epoch !== known.epoch || known.details.get(row.id) !== shown;
    if (stale || JSON.stringify(before) === JSON.stringify(now)) return;
    known.details.set(row.id, Promise.resolve(now));
    this.#changed.fire(known.vms.get(row.id));
  }

  dispose(): void {
    this.#changed.dispose();
    this.#arrived.dispose();
  }

  async #show(host: HostSetting, vm: string): Promise<VmShow> {
    const target = await this.#reach.target(host, true);
    if (target === undefined) throw new vscode.CancellationError();
    return this.#engine.request(requests.showVm, { target, vm, stores: readStores() });
  }

  async #list(known: Known, ask: boolean): Promise<void> {
    const { epoch } = known;
    let target: HostTarget | undefined;
    try {
      target = await this.#reach.target(known.node.host, ask);
      if (target === undefined) {
        // The password was forgotten in another window.
        if (!ask && known.node.state === 'connected') this.disconnect(known.node.id);
        return;
      }
      // It was disconnected while the person was asked.
      if (epoch !== known.epoch) return;
      const rows = await this.#listed(known, target);
      this.#listedAt = Date.now();
      if (epoch === known.epoch) this.#setRows(known, rows);
    } catch (error) {
      if (epoch !== known.epoch) return;
      leave(known);
      const now = known.epoch;
      if (codeOf(error) === 'http.auth.failed' && target !== undefined) {
        await this.#reach.refused(known.node.host, target.password);
      }
      // It may have been connected again, or left, meanwhile.
      if (now !== known.epoch) return;
      known.retry = !(error instanceof EngineFailure) || !error.info.permanent;
      const { state, failure } = known.node;
      if (state === 'failed' && sameFailure(failure, error)) {
        // It is still down: nothing is drawn again.
        known.node = { ...known.node, failure: error };
      } else this.#setState(known, { state: 'failed', vms: 0, failure: error, login: null });
      throw error;
    }
  }

  /** Shows the VMs of a host that has not answered yet as they arrive; a connected one keeps its rows. */
  async #listed(known: Known, target: HostTarget): Promise<readonly VmRow[]> {
    const { epoch, node } = known;
    if (node.state === 'connected') return this.#engine.request(requests.listVms, { target });
    const found: FoundVm[] = [];
    const cancel = (known.cancel = new vscode.CancellationTokenSource());
    const arrived = (rows: readonly unknown[]): void => {
      found.push(...(rows as readonly FoundVm[]));
      // The tree is drawn at the first rows, and whenever they have doubled: not with every part.
      if (epoch !== known.epoch || found.length < 2 * known.vms.size) return;
      known.vms = this.#nodesOf(known, found).next;
      known.node = { ...known.node, arriving: true };
      this.#arrived.fire(known.node.id);
      this.#changed.fire(known.node);
    };
    try {
      const params = { target };
      return await this.#engine.requestWithParts(requests.listVms, params, arrived, cancel.token);
    } finally {
      cancel.dispose();
      if (known.cancel === cancel) known.cancel = undefined;
    }
  }

  #setRows(known: Known, listed: readonly VmRow[]): void {
    const { state, vms } = known.node;
    const before = known.vms;
    const { next, changed } = this.#nodesOf(known, listed);
    known.vms = next;
    known.retry = false;
    known.node = {
      ...withoutArriving(known.node),
      state: 'connected',
      vms: next.size,
      failure: null,
    };
    const sameList = before.size === next.size && [...next.keys()].every((key) => before.has(key));
    if (state !== 'connected' || vms !== next.size || !sameList) this.#changed.fire(known.node);
    else for (const node of changed) this.#changed.fire(node);
  }

  /** Nodes of VMs by ID, in the order of their names; those that did not change are the same objects. */
  #nodesOf(
    known: Known,
    listed: readonly (FoundVm | VmRow)[],
  ): { readonly next: Map<string, VmNode>; readonly changed: readonly VmNode[] } {
    const { host, lab, id } = known.node;
    const before = known.vms;
    const names = countNames(listed);
    const rows = byName(
      listed,
      ({ name, id: vmId }) => name || vmId,
      ({ id: vmId }) => vmId,
    );
    const next = new Map<string, VmNode>();
    const changed: VmNode[] = [];
    for (const row of rows) {
      const twin = (names.get(row.name) ?? 0) > 1;
      const old = before.get(row.id);
      if (old !== undefined && old.twin === twin && sameRow(old.row, row)) next.set(row.id, old);
      else {
        const node: VmNode = { kind: 'vm', id: `${id}/${row.id}`, host, lab, row, twin };
        next.set(row.id, node);
        if (old !== undefined) changed.push(node);
        known.details.delete(row.id);
      }
    }
    return { next, changed };
  }

  #setState(known: Known, change: Partial<HostNode>): void {
    known.node = { ...known.node, ...change };
    this.#changed.fire(known.node);
  }
}

const idOf = (host: HostSetting): string => `host:${hostKey(host)}`;

function newHost(id: string, host: HostSetting, lab: boolean): Known {
  return {
    node: {
      kind: 'host',
      id,
      host,
      state: 'disconnected',
      lab,
      vms: 0,
      failure: null,
      login: null,
      files: null,
    },
    vms: new Map(),
    details: new Map(),
    asking: undefined,
    cancel: undefined,
    forRow: false,
    closes: 0,
    epoch: 0,
    left: false,
    retry: false,
  };
}

function leave(known: Known): void {
  known.epoch++;
  known.cancel?.cancel();
  known.asking = undefined;
  known.node = withoutArriving(known.node);
  known.vms = new Map();
  known.details.clear();
  known.retry = false;
}

function withoutArriving(node: HostNode): HostNode {
  return node.arriving === true ? { ...node, arriving: false } : node;
}

function countNames(rows: readonly FoundVm[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of rows) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

const mapValues = <K, V>(map: ReadonlyMap<K, V>, change: (value: V) => V): Map<K, V> =>
  new Map([...map].map(([key, value]) => [key, change(value)]));

const sameFailure = (a: unknown, b: unknown): boolean =>
  codeOf(a) === codeOf(b) && String(a) === String(b);

function sameRow(a: FoundVm, b: FoundVm): boolean {
  const keys = Object.keys(b) as (keyof FoundVm)[];
  return keys.length === Object.keys(a).length && keys.every((key) => a[key] === b[key]);
}
