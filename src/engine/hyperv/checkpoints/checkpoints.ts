import type { Guid } from '../../base/guid.ts';
import { isEngineError } from '../../base/errors.ts';
import type { ReferencedInstance, WsmanClient } from '../../cim/client.ts';
import type { EmbeddedProperty, EndpointReference } from '../../cim/model.ts';
import { wqlString } from '../../cim/object-path.ts';
import { callService } from '../calls/call-service.ts';
import { hostError } from '../hyperv-errors.ts';
import { guestIsTheCause } from './guest-consistency.ts';
import { associatedWith } from '../calls/jobs.ts';
import { assertGone, findByInstanceId, vmReferenceOf } from '../inventory/references.ts';
import {
  CLASS,
  CONSISTENCY_LEVEL,
  GUEST_BACKUP_TYPE,
  SNAPSHOT_TYPE_RECOVERY,
  SYSTEM_TYPE,
} from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

export interface Checkpoint {
  /** InstanceID of its settings, verbatim. */
  readonly id: string;
  readonly name: string;
  readonly type: 'user' | 'backup';
  readonly created: string | null;
}

export interface CheckpointSettings {
  readonly consistency: 'application' | 'crash';
  readonly guestBackup: 'copy' | 'full';
  /** The host's class has GuestBackupType; older ones may refuse an unknown property. */
  readonly guestBackupType: boolean;
}

/** What a caller knows already of a VM that gets a checkpoint; what is missing is asked of the host. */
export interface KnownVm {
  readonly reference?: EndpointReference | undefined;
  /** Ids of its checkpoints, listed right before. */
  readonly checkpoints?: readonly string[] | undefined;
}

/** Checkpoints of a VM of the kinds that backups meet; replica checkpoints and the like are left out. */
export async function listCheckpoints(
  client: WsmanClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<Checkpoint[]> {
  const rows = await settingsRows(client, vmId, signal);
  return rows.flatMap((row) => toCheckpoint(row) ?? []);
}

/** Every settings row of a VM: the active one, and those of its checkpoints. */
export async function settingsRows(
  client: WsmanClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<WmiRecord[]> {
  const wql = `SELECT * FROM ${CLASS.settings} WHERE VirtualSystemIdentifier=${wqlString(vmId.toUpperCase())}`;
  const out: WmiRecord[] = [];
  for await (const instance of client.query(wql, signal)) out.push(new WmiRecord(instance));
  return out;
}

/** undefined for rows that are no checkpoint. */
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
    created: row.text('CreationTime'),
  };
}

/**
 * Makes a backup checkpoint and finds it: as the one that the job is associated with, or as the one backup checkpoint that
 * was not there before. `host.consistency` where the guest could not be made consistent.
 */
export async function createBackupCheckpoint(
  client: WsmanClient,
  vmId: Guid,
  settings: CheckpointSettings,
  signal: AbortSignal,
  known: KnownVm = {},
): Promise<Checkpoint> {
  const before = new Set(
    known.checkpoints ?? (await backupCheckpoints(client, vmId, signal)).map((each) => each.id),
  );
  const vm = known.reference ?? (await vmReferenceOf(client, vmId, signal));
  const job = await requestCheckpoint(client, vmId, vm, settings, signal);
  const isNew = (each: Checkpoint | undefined): each is Checkpoint =>
    each?.type === 'backup' && !before.has(each.id);
  if (job !== undefined) {
    const rows = await associatedWith(client, job, CLASS.settings, signal);
    const [made, other] = rows
      .map(({ instance }) => toCheckpoint(new WmiRecord(instance)))
      .filter(isNew);
    if (made !== undefined && other === undefined) return made;
  }
  const fresh = (await backupCheckpoints(client, vmId, signal)).filter(isNew);
  const [only] = fresh;
  if (only !== undefined && fresh.length === 1) return only;
  throw hostError(
    'host.unclear',
    `${fresh.length} new backup checkpoints fit the one that was asked for; none was touched`,
    { data: { vm: vmId, found: fresh.map((each) => each.id) } },
  );
}

async function requestCheckpoint(
  client: WsmanClient,
  vmId: Guid,
  vm: EndpointReference,
  settings: CheckpointSettings,
  signal: AbortSignal,
): ReturnType<typeof callService> {
  try {
    return await callService(
      client,
      CLASS.snapshotService,
      'CreateSnapshot',
      {
        AffectedSystem: vm,
        SnapshotSettings: {
          embedded: { className: CLASS.snapshotSettings, properties: snapshotProperties(settings) },
        },
        SnapshotType: SNAPSHOT_TYPE_RECOVERY,
      },
      signal,
    );
  } catch (error) {
    if (settings.consistency !== 'application' || !isEngineError(error)) throw error;
    if (!(await guestIsTheCause(client, vmId, error, signal))) throw error;
    throw hostError(
      'host.consistency',
      `The guest could not be brought into an application-consistent state: ${error.message}`,
      { data: { vm: vmId }, cause: error },
    );
  }
}

function snapshotProperties(settings: CheckpointSettings): EmbeddedProperty[] {
  const properties: EmbeddedProperty[] = [
    { name: 'ConsistencyLevel', type: 'uint8', value: CONSISTENCY_LEVEL[settings.consistency] },
    { name: 'IgnoreNonSnapshottableDisks', type: 'boolean', value: true },
  ];
  if (settings.guestBackupType) {
    properties.push({
      name: 'GuestBackupType',
      type: 'uint8',
      value: GUEST_BACKUP_TYPE[settings.guestBackup],
    });
  }
  return properties;
}

/**
 * Destroys a checkpoint and asks the host again. Throws `host.checkpoint.notFound` if the host lists none with this id,
 * `host.notRemoved` if it still lists it afterwards.
 */
export async function destroyCheckpoint(
  client: WsmanClient,
  checkpointId: string,
  signal: AbortSignal,
): Promise<void> {
  const args = { AffectedSnapshot: await requireCheckpointReference(client, checkpointId, signal) };
  await callService(client, CLASS.snapshotService, 'DestroySnapshot', args, signal);
  await assertGone(client, CLASS.settings, checkpointId, signal);
}

/** Returns the host's own reference to a checkpoint's settings. Throws `host.checkpoint.notFound`. */
export async function requireCheckpointReference(
  client: WsmanClient,
  checkpointId: string,
  signal: AbortSignal,
): Promise<EndpointReference> {
  return (await requireSettings(client, checkpointId, signal)).reference;
}

/** Returns the settings row of a checkpoint. Throws `host.checkpoint.notFound`. */
export async function checkpointSettings(
  client: WsmanClient,
  checkpointId: string,
  signal: AbortSignal,
): Promise<WmiRecord> {
  return new WmiRecord((await requireSettings(client, checkpointId, signal)).instance);
}

async function requireSettings(
  client: WsmanClient,
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

async function backupCheckpoints(
  client: WsmanClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<Checkpoint[]> {
  return (await listCheckpoints(client, vmId, signal)).filter((each) => each.type === 'backup');
}
