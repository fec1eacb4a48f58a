import { settingsReference, vmReference } from '../rows/shared/ids.ts';
import type { Lab } from '../model/lab.ts';
import { findingsOf, importSystem, realizeSystem } from '../systems/planned-systems.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import { plannedArgument, RETURN, textOf } from './contract/arguments.ts';
import { startJob } from './contract/start-job.ts';

type Answer = MethodResult | Promise<MethodResult>;

export function importDefinition(lab: Lab, call: MethodCall): Answer {
  const file = textOf(call.args['SystemDefinitionFile']);
  const fresh = call.args['GenerateNewSystemIdentifier'];
  // The lab has no checkpoints to import, so it takes no folder of them.
  if (textOf(call.args['SnapshotFolder']) !== '') return { returnValue: RETURN.notSupported };
  if (!/\.vmcx$/i.test(file) || typeof fresh !== 'boolean') {
    return { returnValue: RETURN.invalidParameter };
  }
  const kind = { type: 61, caption: 'Importing Virtual Machine', result: 'ImportedSystem' };
  return startJob(lab, call, kind, async () => {
    const vm = await importSystem(lab, file, fresh);
    return [
      { reference: vmReference(vm), effect: 5 },
      { reference: settingsReference(vm.id), effect: 0 },
    ];
  });
}

/** The lab imports no checkpoints: a known planned VM is answered with “not supported”. */
export function importSnapshots(lab: Lab, call: MethodCall): Answer {
  const vm = plannedArgument(lab, call.args['PlannedSystem']);
  const folder = textOf(call.args['SnapshotFolder']);
  if (vm === undefined || folder === '') return { returnValue: RETURN.invalidParameter };
  return { returnValue: RETURN.notSupported };
}

/** Whether the job of a real host fails or ends with warnings is UNCONFIRMED. */
export function validatePlanned(lab: Lab, call: MethodCall): Answer {
  const vm = plannedArgument(lab, call.args['PlannedSystem']);
  if (vm === undefined) return { returnValue: RETURN.invalidParameter };
  const kind = { type: 140, caption: 'Validating Planned Virtual Machine' };
  return startJob(lab, call, kind, async () => ({
    affected: [{ reference: vmReference(vm), effect: 0 }],
    warnings: await findingsOf(lab, vm),
  }));
}

export function realizePlanned(lab: Lab, call: MethodCall): Answer {
  const vm = plannedArgument(lab, call.args['PlannedSystem']);
  if (vm === undefined) return { returnValue: RETURN.invalidParameter };
  const kind = {
    type: 141,
    caption: 'Realizing Planned Virtual Machine',
    result: 'ResultingSystem',
  };
  return startJob(lab, call, kind, async () => {
    await realizeSystem(lab, vm);
    return [{ reference: vmReference(vm), effect: 5 }];
  });
}
