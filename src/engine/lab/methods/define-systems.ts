import type { CimInstance } from '../../cim/model.ts';
import { vmReference } from '../rows/shared/ids.ts';
import { JobFailure } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';
import { isMerging } from '../model/merges.ts';
import { defineSystem, destroySystem, NEWEST_VERSION } from '../systems/planned-systems.ts';
import { STATE } from '../model/vm-state.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import {
  embeddedArgument,
  embeddedArguments,
  plannedArgument,
  RETURN,
  textOf,
  vmArgument,
} from './contract/arguments.ts';
import { addResource } from './resource-settings.ts';
import { startJob } from './contract/start-job.ts';
import { changeSystem } from './system-settings.ts';

type Answer = MethodResult | Promise<MethodResult>;

const SUBTYPE = /^Microsoft:Hyper-V:SubType:([12])$/;

/** Defines a VM without a SCSI controller and without adapters, then adds the given resources. */
export function define(lab: Lab, call: MethodCall): Answer {
  const settings = embeddedArgument(call.args['SystemSettings'], 'Msvm_VirtualSystemSettingData');
  const reference = call.args['ReferenceConfiguration'];
  if (reference !== undefined && reference !== null) return { returnValue: RETURN.notSupported };
  const subType = settings?.properties.get('VirtualSystemSubType') ?? 'Microsoft:Hyper-V:SubType:1';
  const generation = SUBTYPE.exec(textOf(subType))?.[1];
  const name = textOf(settings?.properties.get('ElementName') ?? 'New Virtual Machine');
  if (settings === undefined || generation === undefined || name === '') {
    return { returnValue: RETURN.invalidParameter };
  }
  const resources = resourcesOf(call);
  if (resources === undefined) return { returnValue: RETURN.invalidParameter };
  const newest = NEWEST_VERSION[lab.state.hostVersion];
  const version = textOf(settings.properties.get('Version') ?? newest);
  const kind = { type: 1, caption: 'Defining Virtual Machine', result: 'ResultingSystem' };
  return startJob(lab, call, kind, async () => {
    if (Number.parseFloat(version) > Number.parseFloat(newest)) {
      throw new JobFailure(32768, `The version ${version} is not supported (0x80070032).`);
    }
    const vm = await defineSystem(lab, { name, generation: generation === '1' ? 1 : 2, version });
    try {
      changeSystem(lab, vm, settings, NEW);
      for (const each of resources) await addResource(lab, vm, each);
    } catch (error) {
      await destroySystem(lab, vm);
      throw error;
    }
    await lab.save();
    return [{ reference: vmReference(vm), effect: 5 }];
  });
}

/** Properties that only the settings of a new VM may have. */
const NEW = ['VirtualSystemSubType', 'Version', 'ConfigurationDataRoot'] as const;

function resourcesOf({ args }: MethodCall): readonly CimInstance[] | undefined {
  const value = args['ResourceSettings'];
  return value === undefined || value === null ? [] : embeddedArguments(value);
}

/** Destroys a VM that is off or saved, or a planned one; its disks stay on the host. */
export function destroy(lab: Lab, call: MethodCall): Answer {
  const value = call.args['AffectedSystem'];
  const vm = plannedArgument(lab, value) ?? vmArgument(lab, value);
  if (vm === undefined) return { returnValue: RETURN.invalidParameter };
  const isStopped = vm.enabledState === STATE.off || vm.enabledState === STATE.saved;
  if (!isStopped || lab.operations.has(vm.id) || isMerging(vm)) {
    return { returnValue: RETURN.invalidState };
  }
  const kind = { type: 3, caption: 'Destroying Virtual Machine' };
  return startJob(lab, call, kind, async () => {
    await destroySystem(lab, vm);
    return [];
  });
}
