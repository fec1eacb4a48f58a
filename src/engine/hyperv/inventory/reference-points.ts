import type { Guid } from '../../base/guid.ts';
import type { CimClient, ReferencedInstance } from '../../cim/client.ts';
import type { CimReference } from '../../cim/model.ts';
import { equals, select } from '../../cim/wql.ts';
import { hostError } from '../hyperv-errors.ts';
import { CLASS } from '../wmi-classes.ts';
import { WmiRecord } from '../wmi-record.ts';
import { findByInstanceId } from './references.ts';

export interface ReferencePoint {
  /** InstanceID, opaque, verbatim. */
  readonly id: string;
  /**
   * The reference as received, with both keys (InstanceID and VirtualSystemIdentifier); sent back
   * unchanged.
   */
  readonly reference: CimReference;
  readonly type: 'rct' | 'log' | 'unknown';
  readonly consistency: 'application' | 'crash' | 'unknown';
  readonly disks: readonly { readonly locationId: string; readonly rctId: string }[];
}

/** ReferencePointType, the property; the method parameter with that name uses other numbers. */
const PROPERTY_TYPE: Readonly<Record<number, ReferencePoint['type']>> = { 1: 'log', 2: 'rct' };
const CONSISTENCY: Readonly<Record<number, ReferencePoint['consistency']>> = {
  1: 'application',
  2: 'crash',
};

/** Returns every reference point of a VM, regardless of the product that created it. */
export async function listReferencePoints(
  client: CimClient,
  vmId: Guid,
  signal: AbortSignal,
): Promise<ReferencePoint[]> {
  const wql = select(CLASS.referencePoint, equals('VirtualSystemIdentifier', vmId.toUpperCase()));
  const out: ReferencePoint[] = [];
  for await (const found of client.queryWithReferences(wql, signal))
    out.push(toReferencePoint(found));
  return out;
}

/**
 * Arrays of different lengths (seen on Server 2025: no RCT IDs at all) leave the IDs empty, so no
 * increment is possible.
 */
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

/** Returns a reference point by its ID. Throws `host.referencePoint.notFound`. */
export async function requireReferencePoint(
  client: CimClient,
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
