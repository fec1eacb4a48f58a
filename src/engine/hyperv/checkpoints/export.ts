import type { Guid } from '../../base/guid.ts';
import type { WsmanClient } from '../../cim/client.ts';
import type { EmbeddedProperty } from '../../cim/model.ts';
import { callService } from '../calls/call-service.ts';
import { hostError } from '../hyperv-errors.ts';
import { requireCheckpointReference } from './checkpoints.ts';
import { objectPathOf, vmReferenceOf } from '../inventory/references.ts';
import { requireReferencePoint } from '../tracking/reference-points.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

export interface ExportOptions {
  readonly checkpointId: string;
  /** Folder on the host. */
  readonly directory: string;
  /** A differential export against this reference point; null: full. */
  readonly baseReferencePointId: string | null;
}

/** CopySnapshotConfiguration: one checkpoint for backup; the exported configuration keeps the VM's id. */
const ONE_SNAPSHOT_FOR_BACKUP = 3;
/** BackupIntent: the differencing disks stay children of the earlier export's. */
const PRESERVE_CHAIN = 0;

/**
 * Exports a backup checkpoint with its storage. CopyVmStorage stays true: false would stop the VM's merges until somebody
 * switched them on again. The settings begin with the VM's own, of which only InstanceID is sent besides what is changed.
 */
export async function exportCheckpoint(
  client: WsmanClient,
  vmId: Guid,
  options: ExportOptions,
  signal: AbortSignal,
): Promise<void> {
  const id = await ownSettingsId(client, vmId, signal);
  const { baseReferencePointId } = options;
  const checkpoint = await requireCheckpointReference(client, options.checkpointId, signal);
  const properties: EmbeddedProperty[] = [
    { name: 'InstanceID', type: 'string', value: id },
    { name: 'CopySnapshotConfiguration', type: 'uint8', value: ONE_SNAPSHOT_FOR_BACKUP },
    { name: 'CopyVmRuntimeInformation', type: 'boolean', value: false },
    { name: 'CopyVmStorage', type: 'boolean', value: true },
    { name: 'CreateVmExportSubdirectory', type: 'boolean', value: false },
    {
      name: 'SnapshotVirtualSystem',
      type: 'string',
      value: await objectPathOf(client, checkpoint, signal),
    },
    { name: 'BackupIntent', type: 'uint8', value: PRESERVE_CHAIN },
  ];
  if (baseReferencePointId !== null) {
    const base = await requireReferencePoint(client, baseReferencePointId, signal);
    const value = await objectPathOf(client, base.reference, signal);
    properties.push({ name: 'DifferentialBackupBase', type: 'string', value });
  }
  await callService(
    client,
    CLASS.managementService,
    'ExportSystemDefinition',
    {
      ComputerSystem: await vmReferenceOf(client, vmId, signal),
      ExportDirectory: options.directory,
      ExportSettingData: { embedded: { className: CLASS.exportSettings, properties } },
    },
    signal,
  );
}

/** The VM's own export settings, found through Msvm_SystemExportSettingData. */
async function ownSettingsId(
  client: WsmanClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<string> {
  const vm = `${CLASS.computerSystem}.CreationClassName='${CLASS.computerSystem}',Name='${vmId.toUpperCase()}'`;
  const wql = `ASSOCIATORS OF {${vm}} WHERE AssocClass=Msvm_SystemExportSettingData ResultClass=${CLASS.exportSettings}`;
  for await (const instance of client.query(wql, signal)) {
    return new WmiRecord(instance).requireText('InstanceID');
  }
  throw hostError('host.unsupported', 'The host has no export settings for the VM', {
    data: { vm: vmId },
  });
}
