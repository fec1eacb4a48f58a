import type { Checkpoint } from '../../api/host.ts';
import { isCimError } from '../../cim/cim-errors.ts';
import type { CimClient, ReferencedInstance } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import type { CheckpointSettings } from '../checkpoints/checkpoints.ts';
import { COLLECTION_OPERATION } from '../calls/collection-operations.ts';
import { associatedWith } from '../calls/jobs.ts';
import { perform } from '../calls/perform.ts';
import { hostError } from '../hyperv-errors.ts';
import { toCheckpoint } from '../inventory/checkpoints.ts';
import { requireGone } from '../inventory/references.ts';
import { CLASS, CONSISTENCY_LEVEL, GUEST_BACKUP_TYPE } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { explainGroupError } from './group-errors.ts';
import { findCollection, type Group } from './groups.ts';

/** SnapshotType of the collection service: a recovery snapshot. */
const RECOVERY = 2;

/** A snapshot collection: one checkpoint of each member, made at one instant. */
export interface GroupSnapshot {
  /** CollectionID, verbatim. */
  readonly id: string;
  readonly name: string;
  readonly reference: CimReference;
  readonly checkpoints: readonly MemberCheckpoint[];
}

/** A checkpoint in a snapshot collection. */
export interface MemberCheckpoint extends Checkpoint {
  /** VirtualSystemIdentifier. */
  readonly vmId: string;
}

/** Lists the snapshot collections of a group, with their checkpoints. */
export async function listGroupSnapshots(
  client: CimClient,
  { reference }: Group,
  signal: AbortSignal,
): Promise<GroupSnapshot[]> {
  const query = {
    object: reference,
    assocClass: CLASS.snapshotOfGroup,
    resultClass: CLASS.groupSnapshot,
  };
  const rows: ReferencedInstance[] = [];
  for await (const row of client.associators(query, signal)) rows.push(row);
  const snapshots: GroupSnapshot[] = [];
  for (const row of rows) snapshots.push(await toSnapshot(client, row, signal));
  return snapshots;
}

/**
 * Freezes all members of a group at one instant and returns the snapshot collection: the one that the
 * job is associated with, or the only one that did not exist before. Throws `host.group.shared` for what
 * shared disks and the guest cluster prevent, `host.unclear`.
 * @param existing IDs of the group's snapshot collections, listed right before
 */
export async function createGroupSnapshot(
  client: CimClient,
  group: Group,
  settings: CheckpointSettings,
  existing: readonly string[],
  signal: AbortSignal,
): Promise<GroupSnapshot> {
  const args = {
    Collection: group.reference,
    SnapshotSettings: {
      ConsistencyLevel: CONSISTENCY_LEVEL[settings.consistency],
      IgnoreNonSnapshottableDisks: true,
      GuestBackupType: settings.guestBackupType
        ? GUEST_BACKUP_TYPE[settings.guestBackup]
        : undefined,
    },
    SnapshotType: RECOVERY,
  };
  const before = new Set(existing.map((id) => id.toLowerCase()));
  const isNew = ({ id }: GroupSnapshot): boolean => !before.has(id.toLowerCase());
  let job: Awaited<ReturnType<typeof perform>>;
  try {
    job = await perform(client, COLLECTION_OPERATION.createGroupSnapshot, args, signal);
  } catch (error) {
    throw explainGroupError(error, group.name);
  }
  if (job !== undefined) {
    const rows = await associatedWith(client, job, CLASS.groupSnapshot, signal);
    const [row, other] = rows.filter(({ instance }) => !before.has(idOf(instance).toLowerCase()));
    if (row !== undefined && other === undefined) return toSnapshot(client, row, signal);
  }
  const fresh = (await listGroupSnapshots(client, group, signal)).filter(isNew);
  const [only, other] = fresh;
  if (only !== undefined && other === undefined) return only;
  throw hostError(
    'host.unclear',
    `${fresh.length} new snapshots of the group “${group.name}” match the request; expected one. No snapshot was changed`,
    { data: { group: group.id, found: fresh.map(({ id }) => id) } },
  );
}

/** Returns a snapshot collection by its ID. Throws `host.checkpoint.notFound`. */
export async function requireGroupSnapshot(
  client: CimClient,
  id: string,
  signal: AbortSignal,
): Promise<GroupSnapshot> {
  const row = await findCollection(client, CLASS.groupSnapshot, id, signal);
  if (row !== undefined) return toSnapshot(client, row, signal);
  throw hostError('host.checkpoint.notFound', `The host lists no snapshot collection ${id}`, {
    data: { found: id },
  });
}

/** Destroys a snapshot collection and checks that it is gone. Throws `host.notRemoved`. */
export async function destroyGroupSnapshot(
  client: CimClient,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const { reference } = await requireGroupSnapshot(client, id, signal);
  const args = { AffectedSnapshotCollection: reference };
  await perform(client, COLLECTION_OPERATION.destroyGroupSnapshot, args, signal);
  await assertCollectionGone(client, CLASS.groupSnapshot, id, signal);
}

/** Polls the host until it does not list a destroyed collection. Throws `host.notRemoved`. */
export async function assertCollectionGone(
  client: CimClient,
  className: string,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const find = (): Promise<unknown> => findCollection(client, className, id, signal);
  await requireGone(className, id, find, signal);
}

const idOf = (instance: ReferencedInstance['instance']): string =>
  new WmiRecord(instance).requireText('CollectionID');

async function toSnapshot(
  client: CimClient,
  { instance, reference }: ReferencedInstance,
  signal: AbortSignal,
): Promise<GroupSnapshot> {
  const query = {
    object: reference,
    assocClass: CLASS.collectedSnapshots,
    resultClass: CLASS.settings,
  };
  const checkpoints: MemberCheckpoint[] = [];
  try {
    for await (const member of client.associators(query, signal)) {
      const row = new WmiRecord(member.instance);
      const checkpoint = toCheckpoint(row);
      const vmId = row.requireText('VirtualSystemIdentifier').toLowerCase();
      if (checkpoint !== undefined) checkpoints.push({ ...checkpoint, vmId });
    }
  } catch (error) {
    // Destroyed since it was listed.
    if (!isCimError(error, 'notFound', 'badKeys')) throw error;
  }
  const name = new WmiRecord(instance).text('ElementName') ?? '';
  return { id: idOf(instance), name, reference, checkpoints };
}
