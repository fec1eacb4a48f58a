import * as vscode from 'vscode';
import type { GroupRow, GroupShow, HostTarget } from '../../engine/api/host.ts';
import { requests } from '../../engine/api/methods.ts';
import type { Engine } from '../engine/engine.ts';
import type { GroupNode, HostNode } from '../nodes/nodes.ts';
import { hostKey, type HostSetting } from '../settings/hosts.ts';
import { byName } from '../words/by-name.ts';
import type { HostsModel } from './hosts-model.ts';

interface Known {
  groups: readonly GroupNode[];
  /** Ends with the list; undefined: it failed. */
  asked: Promise<void> | undefined;
  /** By group: what was asked when its row was opened. */
  readonly details: Map<string, Promise<GroupShow>>;
}

interface Reach {
  target(host: HostSetting, ask: boolean): Promise<HostTarget | undefined>;
}

/**
 * Groups of VMs of the hosts that are connected. A host is asked once after it was connected, and again
 * by a refresh of the person: polling never asks for groups, which change seldom.
 */
export class GroupsModel implements vscode.Disposable {
  readonly #engine: Engine;
  readonly #reach: Reach;
  readonly #hosts: HostsModel;
  readonly #known = new Map<string, Known>();
  readonly #changed = new vscode.EventEmitter<HostNode | GroupNode>();
  readonly #subscription: vscode.Disposable;

  /** A host whose groups are others now, or a group that looks different. */
  readonly onChanged = this.#changed.event;

  constructor(engine: Engine, reach: Reach, hosts: HostsModel) {
    this.#engine = engine;
    this.#reach = reach;
    this.#hosts = hosts;
    this.#subscription = hosts.onChanged((node) => {
      if (node?.kind === 'host') this.#hostChanged(node);
      else if (node === undefined) this.#forgetOthers();
    });
  }

  /** The groups of a host that are known, by name. Asks no host. */
  of(hostId: string): readonly GroupNode[] {
    return this.#known.get(hostId)?.groups ?? [];
  }

  /** The groups of a connected host, when it has answered. */
  async listed(hostId: string): Promise<readonly GroupNode[]> {
    await this.#known.get(hostId)?.asked;
    return this.of(hostId);
  }

  group(host: HostSetting, groupId: string): GroupNode | undefined {
    return this.of(idOf(host)).find(({ row }) => row.id === groupId);
  }

  /** Everything about a group: one request, when its row is opened. */
  details({ host, row }: GroupNode): Promise<GroupShow> {
    const details = this.#known.get(idOf(host))?.details;
    const cached = details?.get(row.id);
    if (cached !== undefined) return cached;
    const asked = this.#show(host, row.id);
    details?.set(row.id, asked);
    asked.catch(() => {
      if (details?.get(row.id) === asked) details.delete(row.id);
    });
    return asked;
  }

  /** Asks all connected hosts again. */
  async refreshAll(): Promise<void> {
    await Promise.all(this.#hosts.connected.map((host) => this.#list(host)));
  }

  /** Something was done to a group: it is asked again when its row is drawn. */
  refresh(host: HostSetting, groupId: string): void {
    this.#known.get(idOf(host))?.details.delete(groupId);
    const node = this.group(host, groupId);
    if (node !== undefined) this.#changed.fire(node);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  #hostChanged(host: HostNode): void {
    if (host.state !== 'connected') this.#known.delete(host.id);
    else if (this.#known.get(host.id)?.asked === undefined) void this.#list(host);
  }

  #forgetOthers(): void {
    const ids = new Set(this.#hosts.hosts.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
  }

  async #list(host: HostNode): Promise<void> {
    const known: Known = { groups: this.of(host.id), asked: undefined, details: new Map() };
    this.#known.set(host.id, known);
    known.asked = this.#ask(host, known);
    await known.asked;
  }

  /** Failures leave the host without groups: its VMs show what is wrong with it. */
  async #ask({ id, host, lab }: HostNode, known: Known): Promise<void> {
    try {
      const target = await this.#reach.target(host, false);
      if (target === undefined) return;
      const rows = await this.#engine.request(requests.listGroups, { target });
      // It was disconnected, or asked again, meanwhile.
      if (this.#known.get(id) !== known) return;
      const had = known.groups.length;
      known.groups = nodesOf(id, host, lab, rows);
      const node = this.#hosts.host(id);
      if (node !== undefined && (had > 0 || rows.length > 0)) this.#changed.fire(node);
    } catch {
      known.asked = undefined;
    }
  }

  async #show(host: HostSetting, group: string): Promise<GroupShow> {
    const target = await this.#reach.target(host, true);
    if (target === undefined) throw new vscode.CancellationError();
    return this.#engine.request(requests.showGroup, { target, group });
  }
}

const idOf = (host: HostSetting): string => `host:${hostKey(host)}`;

function nodesOf(
  hostId: string,
  host: HostSetting,
  lab: boolean,
  rows: readonly GroupRow[],
): readonly GroupNode[] {
  const sorted = byName(
    rows,
    ({ name, id }) => name || id,
    ({ id }) => id,
  );
  return sorted.map((row): GroupNode => {
    const twin = rows.some((other) => other.id !== row.id && other.name === row.name);
    return { kind: 'group', id: `${hostId}/group:${row.id}`, host, lab, row, twin };
  });
}
