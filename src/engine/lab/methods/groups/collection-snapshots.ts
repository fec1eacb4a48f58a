import {
  convertGroupSnapshot,
  createGroupSnapshot,
  destroyGroupPoint,
  destroyGroupSnapshot,
} from '../../groups/group-snapshots.ts';
import type { Lab } from '../../model/lab.ts';
import {
  groupPointReference,
  groupReference,
  groupSnapshotReference,
} from '../../rows/groups/group-ids.ts';
import type { MethodCall, MethodResult } from '../../wmi/repository.ts';
import { embeddedArgument, numberOf, RETURN } from '../contract/arguments.ts';
import { startJob } from '../contract/start-job.ts';
import { groupArgument, pointArgument, snapshotArgument } from './group-arguments.ts';

/** SnapshotType: 1 standard, 2 recovery. */
const STANDARD = 1;
const RECOVERY = 2;

export async function collectionSnapshots(lab: Lab, call: MethodCall): Promise<MethodResult> {
  switch (call.method) {
    case 'CreateSnapshot':
      return create(lab, call);
    case 'DestroySnapshot':
      return destroy(lab, call);
    case 'ConvertToReferencePoint':
      return convert(lab, call);
    default:
      return { returnValue: RETURN.notSupported };
  }
}

/** The class of SnapshotSettings is UNCONFIRMED: the lab accepts that of one VM, and nothing. */
function create(lab: Lab, call: MethodCall): MethodResult | Promise<MethodResult> {
  const group = groupArgument(lab, call.args['Collection']);
  const type = numberOf(call.args['SnapshotType']);
  if (group === undefined || (type !== STANDARD && type !== RECOVERY)) {
    return { returnValue: RETURN.invalidParameter };
  }
  const settings = embeddedArgument(
    call.args['SnapshotSettings'],
    'Msvm_VirtualSystemSnapshotSettingData',
  )?.properties;
  const consistency = numberOf(settings?.get('ConsistencyLevel')) === 1 ? 1 : 2;
  const kind = {
    type: 198,
    caption: 'Creating Snapshot Collection',
    result: 'ResultingSnapshotCollection',
  };
  return startJob(lab, call, kind, async (_, signal) => {
    const request = { type: type === RECOVERY ? 'recovery' : 'user', consistency } as const;
    const made = await createGroupSnapshot(lab, group, request, signal);
    return [
      { reference: groupReference(group), effect: 0 },
      { reference: groupSnapshotReference(made), effect: 5 },
    ];
  });
}

function destroy(lab: Lab, call: MethodCall): MethodResult | Promise<MethodResult> {
  const found = snapshotArgument(lab, call.args['AffectedSnapshotCollection']);
  if (found === undefined) return { returnValue: RETURN.invalidParameter };
  const { group, snapshot } = found;
  const kind = { type: 198, caption: 'Deleting Snapshot Collection' };
  return startJob(lab, call, kind, async (_, signal) => {
    if (lab.faults.strike('destroy.ignored') === undefined) {
      await destroyGroupSnapshot(lab, group, snapshot, signal);
    }
    return [{ reference: groupReference(group), effect: 0 }];
  });
}

function convert(lab: Lab, call: MethodCall): MethodResult | Promise<MethodResult> {
  const found = snapshotArgument(lab, call.args['AffectedSnapshotCollection']);
  if (found === undefined) return { returnValue: RETURN.invalidParameter };
  const { group, snapshot } = found;
  const kind = {
    type: 205,
    caption: 'Converting to Reference Point Collection',
    result: 'ResultingReferencePointCollection',
  };
  return startJob(lab, call, kind, async (_, signal) => {
    const point = await convertGroupSnapshot(lab, group, snapshot, signal);
    return [
      { reference: groupReference(group), effect: 0 },
      { reference: groupPointReference(group, point), effect: 5 },
    ];
  });
}

export async function collectionReferencePoints(lab: Lab, call: MethodCall): Promise<MethodResult> {
  if (call.method !== 'DestroyReferencePoint') return { returnValue: RETURN.notSupported };
  const found = pointArgument(lab, call.args['AffectedReferencePointCollection']);
  if (found === undefined) return { returnValue: RETURN.invalidParameter };
  const { group, point } = found;
  const kind = { type: 208, caption: 'Deleting Reference Point Collection' };
  return startJob(lab, call, kind, async (_, signal) => {
    if (lab.faults.strike('destroy.ignored') === undefined) {
      await destroyGroupPoint(lab, group, point, signal);
    }
    return [{ reference: groupReference(group), effect: 0 }];
  });
}
