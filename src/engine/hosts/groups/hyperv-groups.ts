/**
 * Groups of VMs of a host: `hyperv-groups.ts` lists and creates them, `group-host.ts` makes one the subject
 * of a backup, `group-disks.ts` unites the disks of its members.
 */
import type { GroupRow, GroupShow } from '../../api/host.ts';
import type { BackupHost } from '../../backup/host/host.ts';
import { isEngineError } from '../../base/errors.ts';
import { newGuid, type Guid } from '../../base/guid.ts';
import { isCimError } from '../../cim/cim-errors.ts';
import type { CimClient } from '../../cim/client.ts';
import { guestCluster } from '../../hyperv/collections/guest-cluster.ts';
import { diskHolders } from '../../hyperv/collections/disk-holders.ts';
import {
  defineGroup,
  findGroup,
  groupMembers,
  listGroups,
  type Group,
} from '../../hyperv/collections/groups.ts';
import { vhdSet } from '../../hyperv/collections/vhd-sets.ts';
import { GroupHost } from './group-host.ts';

export class HypervGroups {
  readonly #host: BackupHost;
  readonly #client: CimClient;

  constructor(host: BackupHost, client: CimClient) {
    this.#host = host;
    this.#client = client;
  }

  async list(signal: AbortSignal): Promise<readonly GroupRow[]> {
    const rows: GroupRow[] = [];
    for (const group of await this.#all(signal)) {
      const members = await groupMembers(this.#client, group, signal);
      const { id, name } = group;
      rows.push({ id, name, members: members.map((vm) => ({ id: vm.id, name: vm.name })) });
    }
    return rows;
  }

  /**
   * Returns the groups that contain a VM; if several do, those with every VM that has one of its VHD Sets, since the
   * others cannot be backed up. Empty if the host knows no groups.
   * @param paths of its VHD Sets
   */
  async ofVm(
    vmId: Guid,
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly GroupRow[]> {
    const all = (await this.list(signal)).filter(({ members }) =>
      members.some(({ id }) => id === vmId),
    );
    if (all.length < 2 || paths.length === 0) return all;
    const holders = await diskHolders(this.#client, paths, signal);
    return all.filter(({ members }) =>
      holders.every(({ vm }) => members.some(({ id }) => id === vm.id)),
    );
  }

  /** Returns a group with its disks, and with what the guests' cluster knows of the shared ones. */
  async show(nameOrId: string, signal: AbortSignal): Promise<GroupShow> {
    const host = await this.hostOf(nameOrId, signal);
    const group = await host.findVm(host.group.id, signal);
    const members = await groupMembers(this.#client, host.group, signal);
    const owners = await this.#owners(members, signal);
    const disks = [];
    for (const [number, disk] of group.disks.entries()) {
      const isSet = disk.format === 'vhds';
      disks.push({
        number,
        path: disk.path,
        format: disk.format,
        virtualSize: disk.virtualSize,
        diskId: disk.virtualDiskId,
        slot: disk.slot,
        shared: disk.shared,
        holders: (disk.holders ?? []).map(({ id, name }) => ({ id, name })),
        owners: owners.get(disk.path.toLowerCase()) ?? [],
        snapshots: disk.snapshotIds ?? null,
        files: isSet ? await this.#files(disk.path, signal) : null,
      });
    }
    return {
      id: group.id,
      name: group.name,
      members: members.map(({ id, name, state }) => ({ id, name, state })),
      disks,
      checkpoints: group.checkpoints,
      referencePoints: group.referencePoints.map(({ id, type, consistency }) => ({
        id,
        type,
        consistency,
      })),
      findings: group.findings,
    };
  }

  /** Creates a group with these members. Throws `host.vm.notFound` before anything is created. */
  async create(name: string, members: readonly string[], signal: AbortSignal): Promise<GroupRow> {
    const vms = [];
    for (const each of members) vms.push(await this.#host.identifyVm(each, signal));
    const ids = vms.map(({ id }) => id);
    const { id } = await defineGroup(this.#client, name, newGuid(), ids, signal);
    return { id, name, members: vms };
  }

  /** Returns the host with a group in place of a VM. Throws `host.group.*`. */
  async hostOf(nameOrId: string, signal: AbortSignal): Promise<GroupHost> {
    const group = await findGroup(this.#client, nameOrId, signal);
    return new GroupHost(this.#host, this.#client, group);
  }

  async #all(signal: AbortSignal): Promise<readonly Group[]> {
    try {
      return await listGroups(this.#client, signal);
    } catch (error) {
      if (isCimError(error, 'noClass', 'badQuery')) return [];
      throw error;
    }
  }

  /** Returns the members that own each shared disk; a guest that does not answer owns nothing. */
  async #owners(
    members: readonly { readonly id: Guid; readonly name: string }[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, { id: Guid; name: string }[]>> {
    const owners = new Map<string, { id: Guid; name: string }[]>();
    for (const { id, name } of members) {
      const cluster = await this.#ask(() => guestCluster(this.#client, id, signal), signal);
      for (const { path, isOwned } of cluster?.disks ?? []) {
        const known = owners.get(path.toLowerCase()) ?? [];
        if (isOwned) owners.set(path.toLowerCase(), [...known, { id, name }]);
      }
    }
    return owners;
  }

  async #files(path: string, signal: AbortSignal): Promise<readonly string[] | null> {
    const set = await this.#ask(() => vhdSet(this.#client, path, signal), signal);
    return set?.allPaths ?? null;
  }

  async #ask<T>(question: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    try {
      return await question();
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      return undefined;
    }
  }
}
