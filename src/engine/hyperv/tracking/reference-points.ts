import type { Guid } from '../../base/guid.ts';
import { isEngineError } from '../../base/errors.ts';
import { delay } from '../../base/abort.ts';
import type { WsmanClient, ReferencedInstance } from '../../cim/client.ts';
import type { EndpointReference } from '../../cim/model.ts';
import { wqlString } from '../../cim/object-path.ts';
import { callService } from '../calls/call-service.ts';
import { hostError } from '../hyperv-errors.ts';
import { requireCheckpointReference } from '../checkpoints/checkpoints.ts';
import { associatedWith, type FinishedJob } from '../calls/jobs.ts';
import { assertGone, findByInstanceId, vmReferenceOf } from '../inventory/references.ts';
import { CLASS, CONSISTENCY_LEVEL } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';

export interface ReferencePoint {
  /** InstanceID, opaque, verbatim. */
  readonly id: string;
  /** The reference as the host gave it, with both keys (InstanceID and VirtualSystemIdentifier); sent back unchanged. */
  readonly reference: EndpointReference;
  readonly type: 'rct' | 'log' | 'unknown';
  readonly consistency: 'application' | 'crash' | 'unknown';
  readonly disks: readonly { readonly locationId: string; readonly rctId: string }[];
}

/** The *method parameter* of CreateReferencePoint: 1 is RCT there; the *property* ReferencePointType says 2 for it. */
const METHOD_TYPE_RCT = 1;
const PROPERTY_TYPE: Readonly<Record<number, ReferencePoint['type']>> = { 1: 'log', 2: 'rct' };
const CONSISTENCY: Readonly<Record<number, ReferencePoint['consistency']>> = {
  1: 'application',
  2: 'crash',
};

/** Every reference point of a VM, whoever made it. */
export async function listReferencePoints(
  client: WsmanClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<ReferencePoint[]> {
  const wql = `SELECT * FROM ${CLASS.referencePoint} WHERE VirtualSystemIdentifier=${wqlString(vmId.toUpperCase())}`;
  const out: ReferencePoint[] = [];
  for await (const found of client.queryWithReferences(wql, signal))
    out.push(toReferencePoint(found));
  return out;
}

/** Arrays of different lengths (seen on Server 2025: no RCT ids at all) leave the ids empty: no increment. */
export function toReferencePoint({ instance, reference }: ReferencedInstance): ReferencePoint {
  const row = new WmiRecord(instance);
  const locations = row.texts('VirtualDiskIdentifiers');
  const ids = row.texts('ResilientChangeTrackingIdentifiers');
  const parallel = ids.length === locations.length;
  return {
    id: row.requireText('InstanceID'),
    reference,
    type: PROPERTY_TYPE[row.number('ReferencePointType') ?? 0] ?? 'unknown',
    consistency: CONSISTENCY[row.number('ConsistencyLevel') ?? 0] ?? 'unknown',
    disks: locations.map((locationId, i) => ({
      locationId,
      rctId: parallel ? (ids[i] ?? '') : '',
    })),
  };
}

/**
 * Turns a backup checkpoint into a reference point; its disks are merged in the background afterwards.
 * @param existing ids of the VM's reference points, listed right before; asked of the host if absent.
 */
export async function convertToReferencePoint(
  client: WsmanClient,
  vmId: Guid,
  checkpointId: string,
  signal: AbortSignal,
  existing?: readonly string[],
): Promise<ReferencePoint> {
  const args = { AffectedSnapshot: await requireCheckpointReference(client, checkpointId, signal) };
  const convert = (): ReturnType<typeof callService> =>
    callService(client, CLASS.snapshotService, 'ConvertToReferencePoint', args, signal);
  return making(client, vmId, signal, convert, existing);
}

/** A reference point of now, without a checkpoint. */
export async function createReferencePoint(
  client: WsmanClient,
  vmId: Guid,
  consistency: 'application' | 'crash',
  signal: AbortSignal,
): Promise<ReferencePoint> {
  const vm = await vmReferenceOf(client, vmId, signal);
  return making(client, vmId, signal, () =>
    callService(
      client,
      CLASS.referencePointService,
      'CreateReferencePoint',
      {
        AffectedSystem: vm,
        ReferencePointSettings: {
          embedded: {
            className: CLASS.referencePointSettings,
            properties: [
              { name: 'ConsistencyLevel', type: 'uint8', value: CONSISTENCY_LEVEL[consistency] },
            ],
          },
        },
        ReferencePointType: METHOD_TYPE_RCT,
      },
      signal,
    ),
  );
}

/** Returns a reference point by its id. Throws `host.referencePoint.notFound`. */
export async function requireReferencePoint(
  client: WsmanClient,
  referencePointId: string,
  signal: AbortSignal,
): Promise<ReferencePoint> {
  const found = await findByInstanceId(client, CLASS.referencePoint, referencePointId, signal);
  if (found !== undefined) return toReferencePoint(found);
  throw hostError(
    'host.referencePoint.notFound',
    `The host lists no reference point ${referencePointId}`,
    { data: { found: referencePointId } },
  );
}

/**
 * Destroys a reference point with the reference that the host gives for it, and asks the host again. Returns if the host
 * lists none with this id, before or after the call. Throws `host.notRemoved` if it still lists it.
 */
export async function destroyReferencePoint(
  client: WsmanClient,
  referencePointId: string,
  signal: AbortSignal,
): Promise<void> {
  const find = (): Promise<ReferencedInstance | undefined> =>
    findByInstanceId(client, CLASS.referencePoint, referencePointId, signal);
  const found = await find();
  if (found === undefined) return;
  const args = { AffectedReferencePoint: found.reference };
  try {
    await callService(client, CLASS.referencePointService, 'DestroyReferencePoint', args, signal);
  } catch (error) {
    // Somebody else may have destroyed it in the meantime, but only the host's list proves it.
    if (!isEngineError(error) || (await find()) !== undefined) throw error;
    return;
  }
  await assertGone(client, CLASS.referencePoint, referencePointId, signal);
}

/** Milliseconds before each further look for a reference point that a finished call made. */
const LOOKS = [0, 100, 300, 900] as const;

/** Does what makes one, and finds it: as the one that the job is associated with, or as the one that was not there before. */
async function making(
  client: WsmanClient,
  vmId: Guid,
  signal: AbortSignal,
  call: () => Promise<FinishedJob | undefined>,
  existing?: readonly string[],
): Promise<ReferencePoint> {
  const before = new Set(
    existing ?? (await listReferencePoints(client, vmId, signal)).map((each) => each.id),
  );
  const job = await call();
  if (job !== undefined) {
    const rows = await associatedWith(client, job, CLASS.referencePoint, signal);
    const [made, other] = rows.map(toReferencePoint).filter((each) => !before.has(each.id));
    if (made !== undefined && other === undefined) return made;
  }
  let fresh: ReferencePoint[] = [];
  for (const pause of LOOKS) {
    await delay(pause, signal);
    fresh = (await listReferencePoints(client, vmId, signal)).filter(
      (each) => !before.has(each.id),
    );
    if (fresh.length > 0) break;
  }
  const [only] = fresh;
  if (only !== undefined && fresh.length === 1) return only;
  throw hostError(
    'host.unclear',
    `${fresh.length} new reference points fit the one that was asked for; none was touched`,
    { data: { vm: vmId, found: fresh.map((each) => each.id) } },
  );
}
