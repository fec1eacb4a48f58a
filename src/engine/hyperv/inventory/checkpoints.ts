import type { Checkpoint } from '../../api/host.ts';
import type { Guid } from '../../base/guid.ts';
import type { CimClient, ReferencedInstance } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import { equals, select } from '../../cim/wql.ts';
import { hostError } from '../hyperv-errors.ts';
import { CLASS, SYSTEM_TYPE } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { findByInstanceId } from './references.ts';

/**
 * Returns the checkpoints of a VM of the kinds relevant to backups; omits replica checkpoints and
 * the like.
 */
export async function listCheckpoints(
  client: CimClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<Checkpoint[]> {
  const rows = await settingsRows(client, vmId, signal);
  return rows.flatMap((row) => toCheckpoint(row) ?? []);
}

/** Returns every settings row of a VM: the active one, and those of its checkpoints. */
export async function settingsRows(
  client: CimClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<WmiRecord[]> {
  const wql = select(CLASS.settings, equals('VirtualSystemIdentifier', vmId.toUpperCase()));
  const out: WmiRecord[] = [];
  for await (const instance of client.query(wql, signal)) out.push(new WmiRecord(instance));
  return out;
}

/** Returns undefined for rows that are not a checkpoint. */
export function toCheckpoint(row: WmiRecord): Checkpoint | undefined {
  const systemType = row.text('VirtualSystemType');
  const type =
    systemType === SYSTEM_TYPE.backupCheckpoint
      ? 'backup'
      : systemType === SYSTEM_TYPE.userCheckpoint
        ? 'user'
        : undefined;
  if (type === undefined) return undefined;
  return {
    id: row.requireText('InstanceID'),
    name: row.text('ElementName') ?? '',
    type,
    created: row.time('CreationTime'),
  };
}

/** Returns the host's own reference to a checkpoint's settings. Throws `host.checkpoint.notFound`. */
export async function requireCheckpointReference(
  client: CimClient,
  checkpointId: string,
  signal: AbortSignal,
): Promise<CimReference> {
  return (await requireSettings(client, checkpointId, signal)).reference;
}

/** Returns the settings row of a checkpoint. Throws `host.checkpoint.notFound`. */
export async function requireSettings(
  client: CimClient,
  checkpointId: string,
  signal: AbortSignal,
): Promise<ReferencedInstance> {
  const found = await findByInstanceId(client, CLASS.settings, checkpointId, signal);
  if (found !== undefined && toCheckpoint(new WmiRecord(found.instance)) !== undefined)
    return found;
  throw hostError('host.checkpoint.notFound', `The host lists no checkpoint ${checkpointId}`, {
    data: { found: checkpointId },
  });
}
