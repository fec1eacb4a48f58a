import { referencePointReference, vmReference } from '../rows/shared/ids.ts';
import { createReferencePoint, destroyReferencePoint } from '../model/checkpoints.ts';
import { OPERATION, type Lab } from '../model/lab.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import {
  embeddedArgument,
  numberOf,
  referencePointArgument,
  RETURN,
  vmArgument,
} from './contract/arguments.ts';
import { startJob } from './contract/start-job.ts';

export async function referencePointService(lab: Lab, call: MethodCall): Promise<MethodResult> {
  switch (call.method) {
    case 'CreateReferencePoint':
      return create(lab, call);
    case 'DestroyReferencePoint':
      return destroy(lab, call);
    default:
      return { returnValue: RETURN.notSupported };
  }
}

function create(lab: Lab, call: MethodCall): MethodResult | Promise<MethodResult> {
  const vm = vmArgument(lab, call.args['AffectedSystem']);
  const type = numberOf(call.args['ReferencePointType']);
  // Documented as 0 log and 1 RCT, observed with 2: the lab accepts 1 and 2 as RCT. The values that
  // a real host rejects are UNCONFIRMED.
  if (vm === undefined || (type !== 1 && type !== 2))
    return { returnValue: RETURN.invalidParameter };
  const settings = embeddedArgument(
    call.args['ReferencePointSettings'],
    'Msvm_VirtualSystemReferencePointSettingData',
  );
  const level = numberOf(settings?.properties.get('ConsistencyLevel'));
  return startJob(
    lab,
    call,
    {
      type: 201,
      caption: 'Creating Reference Point',
      result: 'ResultingReferencePoint',
      busy: { vm, operation: OPERATION.creatingSnapshot },
    },
    async (_, signal) => {
      if (level === 0) throw new Error('The consistency level 0 is not supported.');
      const point = await createReferencePoint(lab, vm, level === 1 ? 1 : 2, signal);
      return [
        { reference: vmReference(vm), effect: 0 },
        { reference: referencePointReference(vm, point), effect: 5 },
      ];
    },
  );
}

function destroy(lab: Lab, call: MethodCall): MethodResult | Promise<MethodResult> {
  const found = referencePointArgument(lab, call.args['AffectedReferencePoint']);
  if (found === undefined) return { returnValue: RETURN.invalidParameter };
  return startJob(
    lab,
    call,
    { type: 202, caption: 'Deleting Reference Point' },
    async (_, signal) => {
      if (lab.faults.strike('destroy.ignored') === undefined) {
        await destroyReferencePoint(lab, found.vm, found.point, signal);
      }
      return [{ reference: vmReference(found.vm), effect: 0 }];
    },
  );
}
