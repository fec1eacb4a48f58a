import { delay } from '../../base/abort.ts';
import { isEngineError } from '../../base/errors.ts';
import type { CimClient, ReferencedInstance } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import { equals, select } from '../../cim/wql.ts';
import { COLLECTION_OPERATION } from '../calls/collection-operations.ts';
import { associatedWith } from '../calls/jobs.ts';
import { perform } from '../calls/perform.ts';
import { hostError } from '../hyperv-errors.ts';
import { toReferencePoint, type ReferencePoint } from '../inventory/reference-points.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { assertCollectionGone, requireGroupSnapshot } from './group-snapshots.ts';
import { findCollection, type Group } from './groups.ts';

/** A reference point collection. */
export interface GroupPoint {
  /** CollectionID, verbatim. */
  readonly id: string;
  /** The reference as received, with both keys (CollectionID and VirtualSystemCollectionId). */
  readonly reference: CimReference;
  readonly type: ReferencePoint['type'];
  /** Level of the members: the number of the collection itself is documented in reverse. */
  readonly consistency: ReferencePoint['consistency'];
  readonly members: readonly ReferencePoint[];
}

const PROPERTY_TYPE: Readonly<Record<number, ReferencePoint['type']>> = { 1: 'log', 2: 'rct' };

/** Lists every reference point collection of a group, regardless of the product that created it. */
export async function listGroupPoints(
  client: CimClient,
  group: Group,
  signal: AbortSignal,
): Promise<GroupPoint[]> {
  const owner = group.reference.keys['CollectionID'] ?? group.id.toUpperCase();
  const wql = select(CLASS.groupReferencePoint, equals('VirtualSystemCollectionId', owner));
  const rows: ReferencedInstance[] = [];
  for await (const row of client.queryWithReferences(wql, signal)) rows.push(row);
  const points: GroupPoint[] = [];
  for (const row of rows) points.push(await toPoint(client, row, signal));
  return points;
}

/**
 * Converts a snapshot collection to a reference point collection. The host merges the disks in the
 * background afterwards. Throws `host.checkpoint.notFound`, `host.unclear`.
 * @param existing IDs of the group's reference point collections, listed right before
 */
export async function convertGroupSnapshot(
  client: CimClient,
  group: Group,
  snapshotId: string,
  existing: readonly string[],
  signal: AbortSignal,
): Promise<GroupPoint> {
  const { reference } = await requireGroupSnapshot(client, snapshotId, signal);
  const args = { AffectedSnapshotCollection: reference };
  const before = new Set(existing.map((id) => id.toLowerCase()));
  const job = await perform(client, COLLECTION_OPERATION.convertGroupSnapshot, args, signal);
  if (job !== undefined) {
    const rows = await associatedWith(client, job, CLASS.groupReferencePoint, signal);
    const [row, other] = rows.filter(({ instance }) => !before.has(idOf(instance).toLowerCase()));
    if (row !== undefined && other === undefined) return toPoint(client, row, signal);
  }
  let fresh: GroupPoint[] = [];
  for (const pause of LOOKS) {
    await delay(pause, signal);
    const all = await listGroupPoints(client, group, signal);
    fresh = all.filter(({ id }) => !before.has(id.toLowerCase()));
    if (fresh.length > 0) break;
  }
  const [only, other] = fresh;
  if (only !== undefined && other === undefined) return only;
  throw hostError(
    'host.unclear',
    `${fresh.length} new reference points of the group “${group.name}” match the request; expected one. No reference point was changed`,
    { data: { group: group.id, found: fresh.map(({ id }) => id) } },
  );
}

/** Milliseconds before each further search for what a finished call created. */
const LOOKS = [0, 100, 300, 900] as const;

/**
 * Destroys a reference point collection with the host's reference to it, and checks that it is gone.
 * Returns if the host lists none with this ID. Throws `host.notRemoved`.
 */
export async function destroyGroupPoint(
  client: CimClient,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const find = (): ReturnType<typeof findCollection> =>
    findCollection(client, CLASS.groupReferencePoint, id, signal);
  const found = await find();
  if (found === undefined) return;
  const args = { AffectedReferencePointCollection: found.reference };
  try {
    await perform(client, COLLECTION_OPERATION.destroyGroupReferencePoint, args, signal);
  } catch (error) {
    // Another client may have destroyed it in the meantime, but only the host's list proves it.
    if (!isEngineError(error) || (await find()) !== undefined) throw error;
    return;
  }
  await assertCollectionGone(client, CLASS.groupReferencePoint, id, signal);
}

const idOf = (instance: ReferencedInstance['instance']): string =>
  new WmiRecord(instance).requireText('CollectionID');

async function toPoint(
  client: CimClient,
  { instance, reference }: ReferencedInstance,
  signal: AbortSignal,
): Promise<GroupPoint> {
  const query = {
    object: reference,
    assocClass: CLASS.collectedReferencePoints,
    resultClass: CLASS.referencePoint,
  };
  const members: ReferencePoint[] = [];
  for await (const member of client.associators(query, signal)) {
    members.push(toReferencePoint(member));
  }
  const levels = new Set(members.map(({ consistency }) => consistency));
  const [consistency = 'unknown'] = levels.size === 1 ? levels : [];
  const type = PROPERTY_TYPE[new WmiRecord(instance).number('ReferencePointType') ?? 0];
  return { id: idOf(instance), reference, type: type ?? 'unknown', consistency, members };
}
