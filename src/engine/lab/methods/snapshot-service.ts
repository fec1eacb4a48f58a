import { referencePointReference, settingsReference, vmReference } from '../rows/shared/ids.ts';
import { convertCheckpoint, createCheckpoint, destroyCheckpoint } from '../model/checkpoints.ts';
import { applyCheckpoint } from '../model/revert.ts';
import { OPERATION, type Lab } from '../model/lab.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import {
  checkpointArgument,
  embeddedArgument,
  numberOf,
  RETURN,
  vmArgument,
} from './contract/arguments.ts';
import { startJob } from './contract/start-job.ts';

/**
 * SnapshotType: 2 full, 3 disk (both user checkpoints here), 32768 recovery: a backup checkpoint.
 */
const RECOVERY = 32768;

export async function snapshotService(lab: Lab, call: MethodCall): Promise<MethodResult> {
  switch (call.method) {
    case 'CreateSnapshot':
      return createSnapshot(lab, call);
    case 'DestroySnapshot':
      return destroySnapshot(lab, call, 'AffectedSnapshot');
    case 'DestroySnapshotTree':
      return destroySnapshot(lab, call, 'SnapshotSettingData');
    case 'ApplySnapshot':
      return apply(lab, call);
    case 'ConvertToReferencePoint':
      return convert(lab, call);
    default:
      return { returnValue: RETURN.notSupported };
  }
}

function createSnapshot(lab: Lab, call: MethodCall): MethodResult | Promise<MethodResult> {
  const vm = vmArgument(lab, call.args['AffectedSystem']);
  const type = numberOf(call.args['SnapshotType']);
  if (vm === undefined || type === undefined || ![2, 3, RECOVERY].includes(type)) {
    return { returnValue: RETURN.invalidParameter };
  }
  const settings = embeddedArgument(
    call.args['SnapshotSettings'],
    'Msvm_VirtualSystemSnapshotSettingData',
  )?.properties;
  const ignore = settings?.get('IgnoreNonSnapshottableDisks') === true;
  const awkward = vm.disks.some(({ kind }) => kind === 'shared' || kind === 'passthrough');
  const consistency = numberOf(settings?.get('ConsistencyLevel')) === 1 ? 1 : 2;
  return startJob(
    lab,
    call,
    {
      type: 70,
      caption: 'Creating Virtual Machine Checkpoint',
      result: 'ResultingSnapshot',
      busy: { vm, operation: OPERATION.creatingSnapshot },
    },
    async (_, signal) => {
      if (awkward && !ignore)
        throw new Error('A disk of the virtual machine cannot be snapshotted.');
      const request = { type: type === RECOVERY ? 'recovery' : 'user', consistency } as const;
      const made = await createCheckpoint(lab, vm, request, signal);
      return [
        { reference: vmReference(vm), effect: 0 },
        { reference: settingsReference(made.id), effect: 5 },
      ];
    },
  );
}

function destroySnapshot(
  lab: Lab,
  call: MethodCall,
  parameter: string,
): MethodResult | Promise<MethodResult> {
  const found = checkpointArgument(lab, call.args[parameter]);
  if (found === undefined) return { returnValue: RETURN.invalidParameter };
  const { vm, checkpoint } = found;
  return startJob(
    lab,
    call,
    {
      type: 72,
      caption: 'Deleting Virtual Machine Checkpoint',
      busy: { vm, operation: OPERATION.deletingSnapshot },
    },
    async (_, signal) => {
      if (lab.faults.strike('destroy.ignored') === undefined) {
        await destroyCheckpoint(lab, vm, checkpoint, signal);
      }
      return [{ reference: vmReference(vm), effect: 0 }];
    },
  );
}

function apply(lab: Lab, call: MethodCall): MethodResult | Promise<MethodResult> {
  const found = checkpointArgument(lab, call.args['Snapshot']);
  if (found === undefined) return { returnValue: RETURN.invalidParameter };
  const { vm, checkpoint } = found;
  return startJob(
    lab,
    call,
    {
      type: 71,
      caption: 'Applying Virtual Machine Checkpoint',
      busy: { vm, operation: OPERATION.applyingSnapshot },
    },
    async (_, signal) => {
      await applyCheckpoint(lab, vm, checkpoint, signal);
      return [{ reference: vmReference(vm), effect: 0 }];
    },
  );
}

function convert(lab: Lab, call: MethodCall): MethodResult | Promise<MethodResult> {
  const found = checkpointArgument(lab, call.args['AffectedSnapshot']);
  if (found === undefined) return { returnValue: RETURN.invalidParameter };
  const { vm, checkpoint } = found;
  return startJob(
    lab,
    call,
    { type: 200, caption: 'Converting to Reference Point', result: 'ResultingReferencePoint' },
    async (_, signal) => {
      const point = await convertCheckpoint(lab, vm, checkpoint, signal);
      return [
        { reference: vmReference(vm), effect: 0 },
        { reference: referencePointReference(vm, point), effect: 5 },
      ];
    },
  );
}
