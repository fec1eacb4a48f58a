import type { Guid } from '../base/guid.ts';
import { isEngineError } from '../base/errors.ts';
import type { WsmanClient, ReferencedInstance } from '../net/wsman/client.ts';
import type { EndpointReference } from '../net/wsman/model.ts';
import { wqlString } from '../net/wsman/object-path.ts';
import { selector } from '../net/wsman/reference.ts';
import { callService } from './call-service.ts';
import { hostError } from './hyperv-errors.ts';
import { createdBy, type FinishedJob } from './jobs.ts';
import { CLASS, CONSISTENCY_LEVEL, instanceReference, vmReference } from './wmi-classes.ts';
import { WmiRecord } from './wmi-record.ts';

export interface ReferencePoint {
  /** InstanceID, opaque, verbatim. */
  readonly id: string;
  /** The reference as the host gave it: whether VirtualSystemIdentifier is a second key is UNCONFIRMED. */
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

/** Turns a backup checkpoint into a reference point; its disks are merged in the background afterwards. */
export async function convertToReferencePoint(
  client: WsmanClient,
  vmId: Guid,
  checkpointId: string,
  signal: AbortSignal,
): Promise<ReferencePoint> {
  return making(client, vmId, signal, () =>
    callService(
      client,
      CLASS.snapshotService,
      'ConvertToReferencePoint',
      { AffectedSnapshot: instanceReference(CLASS.settings, checkpointId) },
      signal,
    ),
  );
}

/** A reference point of now, without a checkpoint. */
export async function createReferencePoint(
  client: WsmanClient,
  vmId: Guid,
  consistency: 'application' | 'crash',
  signal: AbortSignal,
): Promise<ReferencePoint> {
  return making(client, vmId, signal, () =>
    callService(
      client,
      CLASS.referencePointService,
      'CreateReferencePoint',
      {
        AffectedSystem: vmReference(vmId),
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

/** Destroys one; that it is gone already is fine. */
export async function destroyReferencePoint(
  client: WsmanClient,
  referencePointId: string,
  signal: AbortSignal,
): Promise<void> {
  const reference = instanceReference(CLASS.referencePoint, referencePointId);
  try {
    await client.get(reference, signal);
  } catch (error) {
    if (isEngineError(error, 'wsman.fault.notFound')) return;
    throw error;
  }
  const args = { AffectedReferencePoint: reference };
  await callService(client, CLASS.referencePointService, 'DestroyReferencePoint', args, signal);
}

/** Does what makes one, and finds it through the job, or as the one that was not there before. */
async function making(
  client: WsmanClient,
  vmId: Guid,
  signal: AbortSignal,
  call: () => Promise<FinishedJob | undefined>,
): Promise<ReferencePoint> {
  const before = new Set((await listReferencePoints(client, vmId, signal)).map((each) => each.id));
  const job = await call();
  const made = job === undefined ? [] : await createdBy(client, job, CLASS.referencePoint, signal);
  const ids = made.map((reference) => selector(reference, 'InstanceID'));
  const now = await listReferencePoints(client, vmId, signal);
  const fitting = now.filter((each) =>
    ids.length === 1 ? each.id === ids[0] : !before.has(each.id),
  );
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  throw hostError(
    'host.unclear',
    `${fitting.length} new reference points fit the one that was asked for; none was touched`,
    { data: { vm: vmId, found: fitting.map((each) => each.id) } },
  );
}
