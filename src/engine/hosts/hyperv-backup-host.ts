import type { CallWatch } from '../backup/host/call-watch.ts';
import type {
  BackupHost,
  CheckpointRequest,
  ConfigurationFile,
  ExportRequest,
  FrozenDisks,
  HostCapabilities,
  HostCheckpoint,
  HostReferencePoint,
  HostVm,
  JobOutcome,
  MergeWait,
  VmIdentity,
} from '../backup/host/host.ts';
import { configurationNames } from '../backup/host/configuration-names.ts';
import type { RawChanges } from '../backup/host/raw-changes.ts';
import type { KeptRow } from '../backup/host/system-host.ts';
import type { HostTest } from '../api/host.ts';
import type { Guid } from '../base/guid.ts';
import { isCimError } from '../cim/cim-errors.ts';
import type { CimClient, ReferencedInstance } from '../cim/client.ts';
import type { CimReference } from '../cim/model.ts';
import { queryDiskChanges } from '../hyperv/tracking/change-tracking.ts';
import { createBackupCheckpoint, destroyCheckpoint } from '../hyperv/checkpoints/checkpoints.ts';
import { listCheckpoints, requireSettings } from '../hyperv/inventory/checkpoints.ts';
import {
  attachedDisks,
  diskPlaces,
  isSamePlace,
  parentOfImage,
} from '../hyperv/inventory/disks.ts';
import { clusterNodes, clusterOwners } from '../hyperv/inventory/cluster-owners.ts';
import { exportCheckpoint } from '../hyperv/checkpoints/export.ts';
import { vmFindings } from '../hyperv/inventory/findings.ts';
import { hostComputerName, ownRowName } from '../hyperv/inventory/computer-name.ts';
import { hasReferencePoints, osVersion } from '../hyperv/inventory/host.ts';
import { jobOutcome } from '../hyperv/calls/job-outcome.ts';
import { lastAppliedSnapshot } from '../hyperv/inventory/last-applied.ts';
import { ensureMerging, unexplained, waitForMerge } from '../hyperv/checkpoints/merges.ts';
import { listReferencePoints, type ReferencePoint } from '../hyperv/inventory/reference-points.ts';
import {
  convertToReferencePoint,
  createReferencePoint,
  destroyReferencePoint,
} from '../hyperv/tracking/reference-points.ts';
import {
  findVirtualMachine,
  settingsFacts,
  vmSettings,
  type FoundVm,
  type VirtualMachine,
} from '../hyperv/inventory/virtual-machines.ts';
import {
  eachVirtualMachine,
  listVirtualMachines,
  withCounts,
  type VmOverview,
} from '../hyperv/inventory/vm-list.ts';
import { firmwareRows, hardwareRows } from '../hyperv/systems/kept-hardware.ts';
import { WmiRecord } from '../hyperv/wmi-record.ts';
import { MADE_CLASS, watchCalls } from '../hyperv/calls/watch-calls.ts';
import { testHost } from './host-test.ts';
import { HypervGroups } from './groups/hyperv-groups.ts';
import { HypervSystemHost } from './hyperv-system-host.ts';
import { loginFindings } from './login-findings.ts';
import { lostVm } from './lost-vm.ts';

/** Implements the host that backups need over any client of cim. */
export class HypervBackupHost implements BackupHost {
  readonly url: string;
  readonly remoteFiles: BackupHost['remoteFiles'];
  readonly localDisks: BackupHost['localDisks'];
  readonly isThisComputer: BackupHost['isThisComputer'];
  readonly systems: BackupHost['systems'];
  readonly shadows: BackupHost['shadows'];
  /** Groups of VMs, which are backed up together. */
  readonly groups: HypervGroups;
  /** Never leaves this class. */
  readonly #client: CimClient;
  /** Cached: a host keeps its name while it runs. */
  #computerName: string | null = null;
  /**
   * References that the host gave for each VM found; their keys stay the same for the VM's life.
   */
  readonly #references = new Map<Guid, CimReference>();
  /**
   * Settings rows of the checkpoints made here, by ID. A checkpoint's row does not change while it
   * exists.
   */
  readonly #made = new Map<string, ReferencedInstance>();
  /** References that the host gave for the reference points listed last, by ID. */
  #listed: ReadonlyMap<string, CimReference> = new Map();

  /**
   * @param files returns the host's files over the network
   * @param localDisks returns its disks through the driver of this computer
   * @param isThisComputer whether this computer is the host
   * @param shadows makes shadow copies there; undefined if nothing does
   */
  constructor(
    client: CimClient,
    files: BackupHost['remoteFiles'],
    localDisks: BackupHost['localDisks'],
    isThisComputer: BackupHost['isThisComputer'],
    shadows?: BackupHost['shadows'],
  ) {
    this.#client = client;
    this.remoteFiles = files;
    this.localDisks = localDisks;
    this.isThisComputer = isThisComputer;
    this.systems = new HypervSystemHost(client);
    this.shadows = shadows;
    this.groups = new HypervGroups(this, client);
    this.url = client.url;
  }

  /** Connects to the host, logs in and checks its services. */
  test(signal: AbortSignal): Promise<HostTest> {
    return testHost(this.#client, this.isThisComputer, signal);
  }

  /**
   * Lists every VM of the host that the account can see. Throws `host.rights` if it sees none and does
   * not see the management service either.
   * @param onFound receives the VMs as they arrive, before their counts are known.
   */
  async listVms(
    signal: AbortSignal,
    onFound?: (vm: VirtualMachine) => void,
  ): Promise<VmOverview[]> {
    const points = await hasReferencePoints(this.#client, signal);
    const vms = await listVirtualMachines(this.#client, points, signal, onFound);
    return this.#visible(vms, signal);
  }

  /** Yields every VM that the account can see, in the host's order, as they arrive. */
  eachVm(signal: AbortSignal): AsyncGenerator<VirtualMachine> {
    return eachVirtualMachine(this.#client, signal);
  }

  /** Adds their counts to all VMs of the host, and sorts them by name. Throws like {@link listVms}. */
  async countVms(found: readonly VirtualMachine[], signal: AbortSignal): Promise<VmOverview[]> {
    const points = await hasReferencePoints(this.#client, signal);
    return this.#visible(await withCounts(this.#client, found, points, signal), signal);
  }

  /** Hyper-V shows nothing to accounts without rights, so that an empty list alone proves nothing. */
  async #visible(vms: VmOverview[], signal: AbortSignal): Promise<VmOverview[]> {
    if (vms.length === 0) await hostComputerName(this.#client, signal);
    return vms;
  }

  /** Returns the node that owns each clustered VM; empty if the host is not clustered. */
  clusterOwners(signal: AbortSignal): Promise<ReadonlyMap<Guid, string>> {
    return clusterOwners(this.#client, signal);
  }

  async capabilities(signal: AbortSignal): Promise<HostCapabilities> {
    return {
      referencePoints: await hasReferencePoints(this.#client, signal),
      guestBackupType: await this.#guestBackupType(signal),
    };
  }

  async computerName(signal: AbortSignal): Promise<string | null> {
    this.#computerName ??= await ownRowName(this.#client, signal);
    return this.#computerName;
  }

  clusterNodes(signal: AbortSignal): Promise<readonly string[]> {
    return clusterNodes(this.#client, signal);
  }

  lostVm(vmId: Guid, cause: Error, signal: AbortSignal): Promise<Error | undefined> {
    return lostVm(this.#client, vmId, cause, signal);
  }

  jobOutcome(
    job: string,
    kind: 'checkpoint' | 'referencePoint',
    signal: AbortSignal,
  ): Promise<JobOutcome> {
    return jobOutcome(this.#client, job, MADE_CLASS[kind], signal);
  }

  async identifyVm(nameOrId: string, signal: AbortSignal): Promise<VmIdentity> {
    const { id, name } = await this.#findVm(nameOrId, signal);
    return { id, name };
  }

  async findVm(nameOrId: string, signal: AbortSignal): Promise<HostVm> {
    const { reference: _, merging, ...vm } = await this.#findVm(nameOrId, signal);
    const { active, checkpoints } = await vmSettings(this.#client, vm.id, signal);
    const disks = await attachedDisks(this.#client, vm.id, true, signal);
    const points = await this.#referencePoints(vm.id, signal);
    const { generation, version } = settingsFacts(active);
    const paths = disks.map(({ path }) => path);
    const hasShared = disks.some(({ shared, format }) => shared || format === 'vhds');
    const sets = disks.filter(({ format }) => format === 'vhds').map((disk) => disk.path);
    const groups = hasShared ? await this.groups.ofVm(vm.id, sets, signal) : undefined;
    return {
      ...vm,
      merged: !merging && unexplained(checkpoints, paths).length === 0,
      generation,
      version,
      disks,
      checkpoints,
      referencePoints: points.map(plain),
      lastAppliedSnapshot: await lastAppliedSnapshot(this.#client, vm.id, signal),
      findings: [
        ...vmFindings(vm, version, disks, checkpoints, points),
        ...loginFindings(this.#client),
      ],
      ...(groups === undefined ? {} : { groups }),
      settings: active?.toJson() ?? {},
    };
  }

  async #findVm(nameOrId: string, signal: AbortSignal): Promise<FoundVm> {
    const vm = await findVirtualMachine(this.#client, nameOrId, signal);
    this.#references.set(vm.id, vm.reference);
    return vm;
  }

  listCheckpoints(vmId: Guid, signal: AbortSignal): Promise<readonly HostCheckpoint[]> {
    return listCheckpoints(this.#client, vmId, signal);
  }

  async listReferencePoints(
    vmId: Guid,
    signal: AbortSignal,
  ): Promise<readonly HostReferencePoint[]> {
    return (await this.#referencePoints(vmId, signal)).map(plain);
  }

  async createBackupCheckpoint(
    vmId: Guid,
    request: CheckpointRequest,
    signal: AbortSignal,
    watch?: CallWatch,
  ): Promise<HostCheckpoint> {
    const { known, consistency, guestBackup } = request;
    if (known === undefined) await this.ensureMerging(vmId, signal);
    const guestBackupType =
      known?.capabilities.guestBackupType ?? (await this.#guestBackupType(signal));
    const settings = { consistency, guestBackup, guestBackupType };
    const vm = { reference: this.#references.get(vmId), checkpoints: known?.checkpoints };
    const client = this.#watched(watch);
    const { checkpoint, row } = await createBackupCheckpoint(client, vmId, settings, signal, vm);
    if (row !== undefined) this.#made.set(checkpoint.id, row);
    return checkpoint;
  }

  async frozenDisks(vmId: Guid, checkpointId: string, signal: AbortSignal): Promise<FrozenDisks> {
    const owner = checkpointId.replace(/^microsoft:/i, '');
    const frozen = await attachedDisks(this.#client, owner, true, signal);
    // A checkpoint has the controllers of its VM, so their numbers need no second query.
    const active = (await diskPlaces(this.#client, vmId, signal)).flatMap(({ id, path }) => {
      const slot = frozen.find((disk) => isSamePlace(disk.locationId, id))?.slot;
      return slot === undefined ? [] : [{ slot, path }];
    });
    const lastApplied = await lastAppliedSnapshot(this.#client, vmId, signal);
    return { frozen, active, lastAppliedSnapshot: lastApplied };
  }

  async configurationFiles(
    checkpointId: string,
    signal: AbortSignal,
  ): Promise<readonly ConfigurationFile[]> {
    const found =
      this.#made.get(checkpointId) ?? (await requireSettings(this.#client, checkpointId, signal));
    const row = new WmiRecord(found.instance);
    return configurationNames(row.text('ConfigurationDataRoot'), row.text('ConfigurationFile'));
  }

  hardware(checkpointId: string, signal: AbortSignal): Promise<readonly KeptRow[]> {
    return hardwareRows(this.#client, checkpointId, signal);
  }

  firmware(vmId: Guid, signal: AbortSignal): Promise<readonly KeptRow[]> {
    return firmwareRows(this.#client, vmId, signal);
  }

  parentOfImage(path: string, signal: AbortSignal): Promise<string | null> {
    return parentOfImage(this.#client, path, signal);
  }

  queryChanges(
    path: string,
    rctId: string,
    offset: number,
    length: number,
    signal: AbortSignal,
    targetSnapshotId?: string,
  ): Promise<RawChanges> {
    const query = { path, rctId, offset, length, targetSnapshotId };
    return queryDiskChanges(this.#client, query, signal);
  }

  async exportCheckpoint(vmId: Guid, request: ExportRequest, signal: AbortSignal): Promise<void> {
    await exportCheckpoint(this.#client, vmId, request, signal);
  }

  async convertToReferencePoint(
    vmId: Guid,
    checkpointId: string,
    signal: AbortSignal,
    watch?: CallWatch,
    existing?: readonly string[],
  ): Promise<HostReferencePoint> {
    const client = this.#watched(watch);
    const known = { reference: this.#made.get(checkpointId)?.reference, existing };
    const point = await convertToReferencePoint(client, vmId, checkpointId, signal, known);
    this.#made.delete(checkpointId);
    return plain(point);
  }

  /** Creates a reference point without a checkpoint. */
  async createReferencePoint(
    vmId: Guid,
    consistency: 'application' | 'crash',
    signal: AbortSignal,
    watch?: CallWatch,
  ): Promise<HostReferencePoint> {
    return plain(await createReferencePoint(this.#watched(watch), vmId, consistency, signal));
  }

  #watched(watch: CallWatch | undefined): CimClient {
    return watch === undefined ? this.#client : watchCalls(this.#client, watch);
  }

  async destroyCheckpoint(checkpointId: string, signal: AbortSignal): Promise<void> {
    await destroyCheckpoint(this.#client, checkpointId, signal);
    this.#made.delete(checkpointId);
  }

  destroyReferencePoint(vmId: Guid, referencePointId: string, signal: AbortSignal): Promise<void> {
    const known = this.#listed.get(referencePointId);
    return destroyReferencePoint(this.#client, vmId, referencePointId, signal, known);
  }

  ensureMerging(vmId: Guid, signal: AbortSignal): Promise<void> {
    return ensureMerging(this.#client, vmId, signal);
  }

  async waitForMerge(vmId: Guid, wait: MergeWait, signal: AbortSignal): Promise<void> {
    try {
      await waitForMerge(this.#client, vmId, wait, signal);
    } catch (error) {
      // Throws `host.vm.notFound` if it is the VM that is gone.
      if (isCimError(error, 'notFound')) await this.identifyVm(vmId, signal);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** Lists the reference points of a VM. Empty if the host's version has no reference points. */
  async #referencePoints(vmId: Guid, signal: AbortSignal): Promise<ReferencePoint[]> {
    try {
      const points = await listReferencePoints(this.#client, vmId, signal);
      this.#listed = new Map(points.map(({ id, reference }) => [id, reference]));
      return points;
    } catch (error) {
      if (isCimError(error, 'noClass', 'badQuery')) return [];
      throw error;
    }
  }

  /**
   * Checks for GuestBackupType. It is documented from build 15063 (1703) on; the behaviour of older
   * hosts is UNCONFIRMED.
   */
  async #guestBackupType(signal: AbortSignal): Promise<boolean> {
    const build = Number(osVersion(await this.#client.identify(signal))?.split('.')[2] ?? 0);
    return build >= FIRST_BUILD_WITH_GUEST_BACKUP_TYPE;
  }
}

const FIRST_BUILD_WITH_GUEST_BACKUP_TYPE = 15_063;

const plain = ({ id, type, consistency, disks }: ReferencePoint): HostReferencePoint => ({
  id,
  type,
  consistency,
  disks,
});
