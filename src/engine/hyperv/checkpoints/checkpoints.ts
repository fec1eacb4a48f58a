import type { Checkpoint } from '../../api/host.ts';
import { isEngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import type { CimClient, ReferencedInstance } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import { associatedWith } from '../calls/jobs.ts';
import type { ArgumentsOf } from '../calls/operation.ts';
import { OPERATION } from '../calls/operations.ts';
import { perform } from '../calls/perform.ts';
import { hostError } from '../hyperv-errors.ts';
import {
  listCheckpoints,
  requireCheckpointReference,
  toCheckpoint,
} from '../inventory/checkpoints.ts';
import { assertGone, vmReferenceOf } from '../inventory/references.ts';
import {
  CLASS,
  CONSISTENCY_LEVEL,
  GUEST_BACKUP_TYPE,
  SNAPSHOT_TYPE_RECOVERY,
} from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { guestIsTheCause } from './guest-consistency.ts';

export interface CheckpointSettings {
  readonly consistency: 'application' | 'crash';
  readonly guestBackup: 'copy' | 'full';
  /** The host's class has GuestBackupType; older hosts may reject an unknown property. */
  readonly guestBackupType: boolean;
}

/** Facts about the VM that the caller already has; missing ones are queried from the host. */
export interface KnownVm {
  readonly reference?: CimReference | undefined;
  /** IDs of its checkpoints, listed right before. */
  readonly checkpoints?: readonly string[] | undefined;
}

/** A new checkpoint, and its settings row if the host returned it. */
export interface MadeCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly row: ReferencedInstance | undefined;
}

/**
 * Creates a backup checkpoint and finds it: the one that the job is associated with, or the only
 * backup checkpoint that did not exist before. Throws `host.consistency` if the guest could not be
 * made consistent.
 */
export async function createBackupCheckpoint(
  client: CimClient,
  vmId: Guid,
  settings: CheckpointSettings,
  signal: AbortSignal,
  known: KnownVm = {},
): Promise<MadeCheckpoint> {
  const before = new Set(
    known.checkpoints ?? (await backupCheckpoints(client, vmId, signal)).map((each) => each.id),
  );
  const vm = known.reference ?? (await vmReferenceOf(client, vmId, signal));
  const job = await requestCheckpoint(client, vmId, vm, settings, signal);
  const isNew = (each: Checkpoint | undefined): each is Checkpoint =>
    each?.type === 'backup' && !before.has(each.id);
  if (job !== undefined) {
    const rows = await associatedWith(client, job, CLASS.settings, signal);
    const [made, other] = rows.flatMap((row) => {
      const checkpoint = toCheckpoint(new WmiRecord(row.instance));
      return isNew(checkpoint) ? [{ checkpoint, row }] : [];
    });
    if (made !== undefined && other === undefined) return made;
  }
  const fresh = (await backupCheckpoints(client, vmId, signal)).filter(isNew);
  const [only] = fresh;
  if (only !== undefined && fresh.length === 1) return { checkpoint: only, row: undefined };
  throw hostError(
    'host.unclear',
    `${fresh.length} new backup checkpoints match the request; expected one. No checkpoint was changed`,
    { data: { vm: vmId, found: fresh.map((each) => each.id) } },
  );
}

async function requestCheckpoint(
  client: CimClient,
  vmId: Guid,
  vm: CimReference,
  settings: CheckpointSettings,
  signal: AbortSignal,
): ReturnType<typeof perform> {
  const args: ArgumentsOf<typeof OPERATION.createSnapshot> = {
    AffectedSystem: vm,
    SnapshotSettings: {
      ConsistencyLevel: CONSISTENCY_LEVEL[settings.consistency],
      IgnoreNonSnapshottableDisks: true,
      GuestBackupType: settings.guestBackupType
        ? GUEST_BACKUP_TYPE[settings.guestBackup]
        : undefined,
    },
    SnapshotType: SNAPSHOT_TYPE_RECOVERY,
  };
  try {
    return await perform(client, OPERATION.createSnapshot, args, signal);
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

/**
 * Destroys a checkpoint and checks that it is gone. Throws `host.checkpoint.notFound` if the host
 * lists no checkpoint with this ID, `host.notRemoved` if it is still listed afterwards.
 */
export async function destroyCheckpoint(
  client: CimClient,
  checkpointId: string,
  signal: AbortSignal,
): Promise<void> {
  const args = { AffectedSnapshot: await requireCheckpointReference(client, checkpointId, signal) };
  await perform(client, OPERATION.destroySnapshot, args, signal);
  await assertGone(client, CLASS.settings, checkpointId, signal);
}

async function backupCheckpoints(
  client: CimClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<Checkpoint[]> {
  return (await listCheckpoints(client, vmId, signal)).filter((each) => each.type === 'backup');
}
