import type { Guid } from '../../base/guid.ts';
import type { CimClient } from '../../cim/client.ts';
import { OPERATION } from '../calls/operations.ts';
import { perform } from '../calls/perform.ts';
import { hostError } from '../hyperv-errors.ts';
import { requireCheckpointReference } from '../inventory/checkpoints.ts';
import { requireReferencePoint } from '../inventory/reference-points.ts';
import { objectPathOf, vmReferenceOf } from '../inventory/references.ts';
import { CLASS, vmReference } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

export interface ExportOptions {
  readonly checkpointId: string;
  /** Folder on the host. */
  readonly directory: string;
  /** Reference point of a differential export; null: full export. */
  readonly baseReferencePointId: string | null;
}

/**
 * CopySnapshotConfiguration: one checkpoint for backup; the exported configuration keeps the VM's
 * ID.
 */
const ONE_SNAPSHOT_FOR_BACKUP = 3;
/** BackupIntent: the differencing disks stay children of the earlier export's disks. */
const PRESERVE_CHAIN = 0;

/**
 * Exports a backup checkpoint with its storage. CopyVmStorage stays true: false would stop the VM's
 * merges until they are enabled again. The settings are based on the VM's own, of which only
 * InstanceID and the changed properties are sent.
 */
export async function exportCheckpoint(
  client: CimClient,
  vmId: Guid,
  options: ExportOptions,
  signal: AbortSignal,
): Promise<void> {
  const id = await ownSettingsId(client, vmId, signal);
  const { baseReferencePointId } = options;
  const checkpoint = await requireCheckpointReference(client, options.checkpointId, signal);
  const base =
    baseReferencePointId === null
      ? undefined
      : await requireReferencePoint(client, baseReferencePointId, signal);
  const args = {
    ExportDirectory: options.directory,
    ExportSettingData: {
      InstanceID: id,
      CopySnapshotConfiguration: ONE_SNAPSHOT_FOR_BACKUP,
      CopyVmRuntimeInformation: false,
      CopyVmStorage: true,
      CreateVmExportSubdirectory: false,
      SnapshotVirtualSystem: await objectPathOf(client, checkpoint, signal),
      BackupIntent: PRESERVE_CHAIN,
      DifferentialBackupBase: base && (await objectPathOf(client, base.reference, signal)),
    },
    ComputerSystem: await vmReferenceOf(client, vmId, signal),
  };
  await perform(client, OPERATION.exportSystemDefinition, args, signal);
}

/** Returns the VM's own export settings, found through Msvm_SystemExportSettingData. */
async function ownSettingsId(client: CimClient, vmId: Guid, signal: AbortSignal): Promise<string> {
  const query = {
    object: vmReference(vmId),
    assocClass: 'Msvm_SystemExportSettingData',
    resultClass: CLASS.exportSettings,
  };
  for await (const { instance } of client.associators(query, signal)) {
    return new WmiRecord(instance).requireText('InstanceID');
  }
  throw hostError('host.unsupported', 'The host has no export settings for the VM', {
    data: { vm: vmId },
  });
}
