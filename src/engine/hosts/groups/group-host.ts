import type { CallWatch } from '../../backup/host/call-watch.ts';
import type {
  BackupHost,
  CheckpointRequest,
  ConfigurationFile,
  FrozenDisks,
  HostCapabilities,
  HostCheckpoint,
  HostDisk,
  HostReferencePoint,
  HostVm,
  JobOutcome,
  MergeWait,
  VmIdentity,
} from '../../backup/host/host.ts';
import type { RawChanges } from '../../backup/host/raw-changes.ts';
import type { KeptRow } from '../../backup/host/system-host.ts';
import { groupNotExported } from '../../backup/plan/check-subject.ts';
import { isEngineError } from '../../base/errors.ts';
import { parseGuid, type Guid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import { jobOutcome } from '../../hyperv/calls/job-outcome.ts';
import { MADE_GROUP_CLASS, watchCalls } from '../../hyperv/calls/watch-calls.ts';
import {
  convertGroupSnapshot,
  destroyGroupPoint,
  listGroupPoints,
  type GroupPoint,
} from '../../hyperv/collections/group-points.ts';
import {
  createGroupSnapshot,
  destroyGroupSnapshot,
  listGroupSnapshots,
  requireGroupSnapshot,
  type GroupSnapshot,
} from '../../hyperv/collections/group-snapshots.ts';
import { findGroup, groupMembers, type Group } from '../../hyperv/collections/groups.ts';
import { vhdSnapshots } from '../../hyperv/collections/vhd-sets.ts';
import { hostError } from '../../hyperv/hyperv-errors.ts';
import { diskHolders } from '../../hyperv/collections/disk-holders.ts';
import { activeOf, disksOfGroup, isShared, sharedLocation } from './group-disks.ts';

/**
 * A group of VMs as the host of a backup sees one VM: its disks are those of all members, its checkpoints
 * are snapshot collections, its reference points are reference point collections. So planning, running,
 * recovery and the ledger are the same for a group.
 */
export class GroupHost implements BackupHost {
  readonly url: string;
  readonly group: Group;
  readonly remoteFiles: BackupHost['remoteFiles'];
  readonly localDisks: BackupHost['localDisks'];
  readonly isThisComputer: BackupHost['isThisComputer'];
  readonly systems: BackupHost['systems'];
  readonly shadows: BackupHost['shadows'];
  readonly #host: BackupHost;
  readonly #client: CimClient;
  /** Snapshots of shared disks in the snapshot collections seen here, by path. */
  readonly #frozen = new Map<string, ReadonlyMap<string, string>>();
  /** Paths of the shared disks seen last. */
  #shared: readonly string[] = [];
  /** IDs of the members seen here: the host does not list a member that moved to another node. */
  readonly #seen = new Set<Guid>();

  constructor(host: BackupHost, client: CimClient, group: Group) {
    this.#host = host;
    this.#client = client;
    this.group = group;
    this.url = host.url;
    this.remoteFiles = (pathMap, sessions) => host.remoteFiles(pathMap, sessions);
    this.localDisks = () => host.localDisks();
    this.isThisComputer = (signal) => host.isThisComputer(signal);
    this.systems = host.systems;
    this.shadows = host.shadows;
  }

  computerName(signal: AbortSignal): Promise<string | null> {
    return this.#host.computerName(signal);
  }

  clusterNodes(signal: AbortSignal): Promise<readonly string[]> {
    return this.#host.clusterNodes(signal);
  }

  /** Explains the loss of a member, or of any member if the group itself is asked about. */
  async lostVm(vmId: Guid, cause: Error, signal: AbortSignal): Promise<Error | undefined> {
    for (const id of vmId === this.group.id ? this.#seen : [vmId]) {
      const lost = await this.#host.lostVm(id, cause, signal);
      if (lost !== undefined) return lost;
    }
    return undefined;
  }

  jobOutcome(
    job: string,
    kind: 'checkpoint' | 'referencePoint',
    signal: AbortSignal,
  ): Promise<JobOutcome> {
    return jobOutcome(this.#client, job, MADE_GROUP_CLASS[kind], signal, 'CollectionID');
  }

  capabilities(signal: AbortSignal): Promise<HostCapabilities> {
    return this.#host.capabilities(signal);
  }

  async identifyVm(nameOrId: string, signal: AbortSignal): Promise<VmIdentity> {
    const { id, name } = await findGroup(this.#client, nameOrId, signal);
    return { id, name };
  }

  async findVm(nameOrId: string, signal: AbortSignal): Promise<HostVm> {
    const { id, name } = await findGroup(this.#client, nameOrId, signal);
    const vms = await this.#members(signal);
    const [first] = vms;
    if (first === undefined) {
      throw hostError('host.group.notFound', `The group “${name}” has no member to back up`, {
        data: { found: nameOrId },
      });
    }
    const disks = disksOfGroup(
      vms.map((vm) => ({ member: { id: vm.id, name: vm.name }, disks: vm.disks })),
    );
    this.#shared = disks.filter(({ format }) => format === 'vhds').map(({ path }) => path);
    const applied = vms.flatMap(({ lastAppliedSnapshot }) => lastAppliedSnapshot ?? []);
    const shared = await this.#sharedFacts(vms, disks, signal);
    return {
      id,
      name,
      ...shared,
      state: vms.every(({ state }) => state === first.state) ? first.state : 'other',
      generation: null,
      version: first.version,
      operation: vms.find(({ operation }) => operation !== null)?.operation ?? null,
      disks: await Promise.all(disks.map((disk) => this.#withSnapshots(disk, signal))),
      checkpoints: await this.listCheckpoints(id, signal),
      referencePoints: await this.listReferencePoints(id, signal),
      merged: vms.every(({ merged }) => merged),
      findings: vms.flatMap(({ findings }) =>
        findings.filter(({ code }) => code !== 'disk.shared'),
      ),
      lastAppliedSnapshot: applied.length === 0 ? null : applied.join(', '),
      members: vms.map((vm) => ({ id: vm.id, name: vm.name })),
      settings: {
        members: vms.map((vm) => ({ id: vm.id, name: vm.name, settings: vm.settings })),
      },
    };
  }

  async listCheckpoints(_: Guid, signal: AbortSignal): Promise<readonly HostCheckpoint[]> {
    const snapshots = await listGroupSnapshots(this.#client, this.group, signal);
    return snapshots.map(toCheckpoint);
  }

  async listReferencePoints(_: Guid, signal: AbortSignal): Promise<readonly HostReferencePoint[]> {
    const points = await listGroupPoints(this.#client, this.group, signal);
    return points.map((point) => this.#toPoint(point, undefined));
  }

  async createBackupCheckpoint(
    vmId: Guid,
    { consistency, guestBackup, known }: CheckpointRequest,
    signal: AbortSignal,
    watch?: CallWatch,
  ): Promise<HostCheckpoint> {
    if (known === undefined) await this.ensureMerging(vmId, signal);
    const { guestBackupType } = known?.capabilities ?? (await this.capabilities(signal));
    const existing =
      known?.checkpoints ?? (await this.listCheckpoints(vmId, signal)).map(({ id }) => id);
    const settings = { consistency, guestBackup, guestBackupType };
    const client = watch === undefined ? this.#client : watchCalls(this.#client, watch);
    return toCheckpoint(await createGroupSnapshot(client, this.group, settings, existing, signal));
  }

  async frozenDisks(_: Guid, checkpointId: string, signal: AbortSignal): Promise<FrozenDisks> {
    const { checkpoints } = await requireGroupSnapshot(this.#client, checkpointId, signal);
    const members = await groupMembers(this.#client, this.group, signal);
    const parts = [];
    for (const checkpoint of checkpoints) {
      const id = parseGuid(checkpoint.vmId);
      const name = members.find((each) => each.id === id)?.name ?? id;
      const disks = await this.#host.frozenDisks(id, checkpoint.id, signal);
      parts.push({ member: { id, name }, ...disks });
    }
    const frozen = disksOfGroup(parts.map((part) => ({ member: part.member, disks: part.frozen })));
    const snapshots = new Map<string, string>();
    for (const { path, format, snapshotId } of frozen) {
      if (format === 'vhds' && (snapshotId ?? '') !== '') {
        snapshots.set(path.toLowerCase(), parseGuid(snapshotId ?? ''));
      }
    }
    this.#frozen.set(checkpointId, snapshots);
    const applied = parts.flatMap(({ lastAppliedSnapshot }) => lastAppliedSnapshot ?? []);
    return {
      frozen,
      active: parts.flatMap(({ member, active }) => activeOf(member, active)),
      lastAppliedSnapshot: applied.length === 0 ? null : applied.join(', '),
    };
  }

  async configurationFiles(id: string, signal: AbortSignal): Promise<readonly ConfigurationFile[]> {
    const { checkpoints } = await requireGroupSnapshot(this.#client, id, signal);
    const files = await Promise.all(
      checkpoints.map((each) => this.#host.configurationFiles(each.id, signal)),
    );
    return files.flat();
  }

  async hardware(id: string, signal: AbortSignal): Promise<readonly KeptRow[]> {
    const { checkpoints } = await requireGroupSnapshot(this.#client, id, signal);
    const rows = await Promise.all(checkpoints.map((each) => this.#host.hardware(each.id, signal)));
    return rows.flat();
  }

  async firmware(): Promise<readonly KeptRow[]> {
    return [];
  }

  parentOfImage(path: string, signal: AbortSignal): Promise<string | null> {
    return this.#host.parentOfImage(path, signal);
  }

  queryChanges(
    path: string,
    rctId: string,
    offset: number,
    length: number,
    signal: AbortSignal,
    targetSnapshotId?: string,
  ): Promise<RawChanges> {
    return this.#host.queryChanges(path, rctId, offset, length, signal, targetSnapshotId);
  }

  async exportCheckpoint(): Promise<void> {
    throw groupNotExported(this.group.name, []);
  }

  async convertToReferencePoint(
    vmId: Guid,
    checkpointId: string,
    signal: AbortSignal,
    watch?: CallWatch,
    existing?: readonly string[],
  ): Promise<HostReferencePoint> {
    const known = existing ?? (await this.listReferencePoints(vmId, signal)).map(({ id }) => id);
    const client = watch === undefined ? this.#client : watchCalls(this.#client, watch);
    const point = await convertGroupSnapshot(client, this.group, checkpointId, known, signal);
    return this.#toPoint(point, this.#frozen.get(checkpointId));
  }

  destroyCheckpoint(checkpointId: string, signal: AbortSignal): Promise<void> {
    return destroyGroupSnapshot(this.#client, checkpointId, signal);
  }

  destroyReferencePoint(_: Guid, referencePointId: string, signal: AbortSignal): Promise<void> {
    return destroyGroupPoint(this.#client, referencePointId, signal);
  }

  async ensureMerging(_: Guid, signal: AbortSignal): Promise<void> {
    for (const { id } of await groupMembers(this.#client, this.group, signal)) {
      await this.#host.ensureMerging(id, signal);
    }
  }

  async waitForMerge(_: Guid, { seconds, onWait }: MergeWait, signal: AbortSignal): Promise<void> {
    const begun = performance.now();
    for (const { id } of await groupMembers(this.#client, this.group, signal)) {
      const left = Math.max(0, seconds - Math.floor((performance.now() - begun) / 1000));
      const wait = { seconds: left, ...(onWait === undefined ? {} : { onWait }) };
      await this.#host.waitForMerge(id, wait, signal);
    }
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  async #members(signal: AbortSignal): Promise<HostVm[]> {
    const vms: HostVm[] = [];
    for (const { id } of await groupMembers(this.#client, this.group, signal)) {
      this.#seen.add(id);
      vms.push(await this.#host.findVm(id, signal));
    }
    return vms;
  }

  /**
   * Asks who else has the shared disks. Returns the VMs that are not off if one of the disks is a shared VHDX, which
   * has no checkpoints (that this holds also for VMs that are off is UNCONFIRMED), members or not; and those that
   * have a VHD Set and are not members.
   */
  async #sharedFacts(
    vms: readonly HostVm[],
    disks: readonly HostDisk[],
    signal: AbortSignal,
  ): Promise<Pick<HostVm, 'offline' | 'outsiders'>> {
    const shared = disks.filter(isShared);
    if (shared.length === 0) return {};
    const paths = shared.map(({ path }) => path);
    const holders = await diskHolders(this.#client, paths, signal);
    const others = holders.filter(({ vm: { id } }) => !vms.some((vm) => vm.id === id));
    const isSet = (path: string): boolean =>
      shared.some((disk) => disk.path === path && disk.format === 'vhds');
    const outsiders = others
      .filter(({ path }) => isSet(path))
      .map(({ vm: { id, name }, path }) => ({ vm: { id, name }, path }));
    if (shared.every(({ format }) => format === 'vhds')) return { outsiders };
    const all = new Map([...vms, ...others.map(({ vm }) => vm)].map((vm) => [vm.id, vm]));
    const running = [...all.values()].filter(({ state }) => state !== 'off');
    return { outsiders, offline: { running: running.map(({ id, name }) => ({ id, name })) } };
  }

  /** Adds the snapshots that a VHD Set has; they stay unknown if the host does not list them. */
  async #withSnapshots(
    disk: HostVm['disks'][number],
    signal: AbortSignal,
  ): Promise<HostVm['disks'][number]> {
    if (disk.format !== 'vhds') return disk;
    try {
      const snapshots = await vhdSnapshots(this.#client, disk.path, undefined, signal);
      return { ...disk, snapshotIds: snapshots.map(({ snapshotId }) => snapshotId) };
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      return disk;
    }
  }

  /**
   * Adds the shared disks to a reference point collection. Which snapshots belong to it is known only
   * for one that was converted here.
   */
  #toPoint(
    { id, type, consistency, members }: GroupPoint,
    snapshots: ReadonlyMap<string, string> | undefined,
  ): HostReferencePoint {
    const shared = this.#shared.map((path) => ({
      locationId: sharedLocation(path),
      rctId: snapshots?.get(path.toLowerCase()) ?? '',
    }));
    return { id, type, consistency, disks: [...members.flatMap(({ disks }) => disks), ...shared] };
  }
}

/** The members' checkpoints were made at one instant; the earliest time is that of the collection. */
function toCheckpoint({ id, name, checkpoints }: GroupSnapshot): HostCheckpoint {
  const times = checkpoints.flatMap(({ created }) => created ?? []).sort();
  const isBackup = checkpoints.some(({ type }) => type === 'backup');
  return { id, name, type: isBackup ? 'backup' : 'user', created: times[0] ?? null };
}
