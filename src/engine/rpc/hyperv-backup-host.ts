import type {
  BackupHost,
  CallWatch,
  CheckpointRequest,
  ConfigurationFile,
  ExportRequest,
  HostCapabilities,
  HostCheckpoint,
  HostDisk,
  HostReferencePoint,
  HostVm,
  JobOutcome,
  MergeWait,
  RawChanges,
} from '../backup/host.ts';
import type { Guid } from '../base/guid.ts';
import { isEngineError } from '../base/errors.ts';
import { queryDiskChanges } from '../hyperv/change-tracking.ts';
import {
  checkpointSettings,
  createBackupCheckpoint,
  destroyCheckpoint,
  listCheckpoints,
} from '../hyperv/checkpoints.ts';
import { attachedDisks } from '../hyperv/disks.ts';
import { exportCheckpoint } from '../hyperv/export.ts';
import { vmFindings } from '../hyperv/findings.ts';
import { ownRowName } from '../hyperv/computer-name.ts';
import { hostServices, osVersion } from '../hyperv/host.ts';
import { jobOutcome } from '../hyperv/job-outcome.ts';
import { lastAppliedSnapshot } from '../hyperv/last-applied.ts';
import { enableMerging, mergingEnabled, waitForMerge } from '../hyperv/merges.ts';
import {
  convertToReferencePoint,
  createReferencePoint,
  destroyReferencePoint,
  listReferencePoints,
  type ReferencePoint,
} from '../hyperv/reference-points.ts';
import { activeSettings, findVirtualMachine, settingsFacts } from '../hyperv/virtual-machines.ts';
import { MADE_CLASS, watchCalls } from '../hyperv/watch-calls.ts';
import type { WsmanClient } from '../net/wsman/client.ts';

/** The host that backups need, over WS-Management. */
export class HypervBackupHost implements BackupHost {
  readonly url: string;
  readonly client: WsmanClient;
  /** A host keeps its name while it runs. */
  #computerName: string | null = null;

  constructor(client: WsmanClient) {
    this.client = client;
    this.url = client.url;
  }

  async capabilities(signal: AbortSignal): Promise<HostCapabilities> {
    const { referencePoint } = await hostServices(this.client, signal);
    return {
      referencePoints: referencePoint,
      guestBackupType: await this.#guestBackupType(signal),
    };
  }

  async computerName(signal: AbortSignal): Promise<string | null> {
    this.#computerName ??= await ownRowName(this.client, signal);
    return this.#computerName;
  }

  jobOutcome(
    job: string,
    kind: 'checkpoint' | 'referencePoint',
    signal: AbortSignal,
  ): Promise<JobOutcome> {
    return jobOutcome(this.client, job, MADE_CLASS[kind], signal);
  }

  async findVm(nameOrId: string, signal: AbortSignal): Promise<HostVm> {
    const vm = await findVirtualMachine(this.client, nameOrId, signal);
    const settings = await activeSettings(this.client, vm.id, signal);
    const disks = await attachedDisks(this.client, vm.id, true, signal);
    const checkpoints = await listCheckpoints(this.client, vm.id, signal);
    const points = await this.#referencePoints(vm.id, signal);
    const { generation, version } = settingsFacts(settings);
    return {
      ...vm,
      generation,
      version,
      disks,
      checkpoints,
      referencePoints: points.map(plain),
      lastAppliedSnapshot: await lastAppliedSnapshot(this.client, vm.id, signal),
      findings: vmFindings(vm, version, disks, checkpoints, points),
      settings: settings?.toJson() ?? {},
    };
  }

  listCheckpoints(vmId: Guid, signal: AbortSignal): Promise<readonly HostCheckpoint[]> {
    return listCheckpoints(this.client, vmId, signal);
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
    await this.#enableMerging(vmId, signal);
    const guestBackupType = await this.#guestBackupType(signal);
    const client = this.#watched(watch);
    return createBackupCheckpoint(client, vmId, { ...request, guestBackupType }, signal);
  }

  async checkpointDisks(checkpointId: string, signal: AbortSignal): Promise<readonly HostDisk[]> {
    const owner = checkpointId.replace(/^microsoft:/i, '');
    return attachedDisks(this.client, owner, true, signal);
  }

  async configurationFiles(
    checkpointId: string,
    signal: AbortSignal,
  ): Promise<readonly ConfigurationFile[]> {
    const row = await checkpointSettings(this.client, checkpointId, signal);
    const root = row.text('ConfigurationDataRoot');
    const file = row.text('ConfigurationFile');
    if (root === null || file === null) return [];
    const base = `${root}\\${file}`.replace(/\.vmcx$/i, '');
    return ['vmcx', 'vmrs', 'vmgs'].map((ending) => ({
      name: `${base.split('\\').at(-1) ?? 'vm'}.${ending}`,
      path: `${base}.${ending}`,
    }));
  }

  queryChanges(
    path: string,
    rctId: string,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<RawChanges> {
    return queryDiskChanges(this.client, { path, rctId, offset, length }, signal);
  }

  async exportCheckpoint(vmId: Guid, request: ExportRequest, signal: AbortSignal): Promise<void> {
    await exportCheckpoint(this.client, vmId, request, signal);
  }

  async convertToReferencePoint(
    vmId: Guid,
    checkpointId: string,
    signal: AbortSignal,
    watch?: CallWatch,
  ): Promise<HostReferencePoint> {
    const client = this.#watched(watch);
    return plain(await convertToReferencePoint(client, vmId, checkpointId, signal));
  }

  /** A reference point without a checkpoint. */
  async createReferencePoint(
    vmId: Guid,
    consistency: 'application' | 'crash',
    signal: AbortSignal,
    watch?: CallWatch,
  ): Promise<HostReferencePoint> {
    return plain(await createReferencePoint(this.#watched(watch), vmId, consistency, signal));
  }

  #watched(watch: CallWatch | undefined): WsmanClient {
    return watch === undefined ? this.client : watchCalls(this.client, watch);
  }

  destroyCheckpoint(checkpointId: string, signal: AbortSignal): Promise<void> {
    return destroyCheckpoint(this.client, checkpointId, signal);
  }

  destroyReferencePoint(referencePointId: string, signal: AbortSignal): Promise<void> {
    return destroyReferencePoint(this.client, referencePointId, signal);
  }

  async waitForMerge(vmId: Guid, wait: MergeWait, signal: AbortSignal): Promise<void> {
    await this.#enableMerging(vmId, signal);
    await waitForMerge(this.client, vmId, wait, signal);
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  /** An export that some product made without storage leaves merging off: checkpoints would pile up, and be waited for in vain. */
  async #enableMerging(vmId: Guid, signal: AbortSignal): Promise<void> {
    try {
      if (await mergingEnabled(this.client, vmId, signal)) return;
      await enableMerging(this.client, vmId, signal);
    } catch (error) {
      // No reason to end a backup: disks that are not merged are noticed, and told, anyway.
      if (signal.aborted || !isEngineError(error)) throw error;
    }
  }

  /** None where the host is older than reference points. */
  async #referencePoints(vmId: Guid, signal: AbortSignal): Promise<ReferencePoint[]> {
    try {
      return await listReferencePoints(this.client, vmId, signal);
    } catch (error) {
      if (isEngineError(error, 'wsman.fault.noClass', 'wsman.fault.cannotProcessFilter')) return [];
      throw error;
    }
  }

  /** GuestBackupType is documented from build 15063 (1703) on; what older hosts do with it is UNCONFIRMED. */
  async #guestBackupType(signal: AbortSignal): Promise<boolean> {
    const build = Number(osVersion(await this.client.identify(signal))?.split('.')[2] ?? 0);
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
