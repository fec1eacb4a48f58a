import type { CimValue } from '../../cim/model.ts';
import { ownerOf, slotOf, vmReference } from '../rows/shared/ids.ts';
import { exportCheckpoint } from '../model/exports.ts';
import type { Lab } from '../model/lab.ts';
import { startMerges } from '../model/merges.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import {
  checkpointArgument,
  embeddedArgument,
  numberOf,
  pathReference,
  referencePointArgument,
  RETURN,
  textOf,
  vmArgument,
} from './contract/arguments.ts';
import { define, destroy } from './define-systems.ts';
import {
  importDefinition,
  importSnapshots,
  realizePlanned,
  validatePlanned,
} from './planned-systems.ts';
import { addResources, modifyResources, removeResources } from './resource-settings.ts';
import { startJob } from './contract/start-job.ts';
import { modifySystem } from './system-settings.ts';
import { summaryInformation } from './summary-information.ts';

/** CopySnapshotConfiguration: one checkpoint for backup. */
const ONE_FOR_BACKUP = 3;

export async function managementService(lab: Lab, call: MethodCall): Promise<MethodResult> {
  switch (call.method) {
    case 'ExportSystemDefinition':
      return exportSystem(lab, call);
    case 'ModifyDiskMergeSettings':
      return modifyMerges(lab, call);
    case 'ModifySystemSettings':
      return modifySystem(lab, call);
    case 'ImportSystemDefinition':
      return importDefinition(lab, call);
    case 'ImportSnapshotDefinitions':
      return importSnapshots(lab, call);
    case 'ValidatePlannedSystem':
      return validatePlanned(lab, call);
    case 'RealizePlannedSystem':
      return realizePlanned(lab, call);
    case 'DefineSystem':
      return define(lab, call);
    case 'DestroySystem':
      return destroy(lab, call);
    case 'AddResourceSettings':
      return addResources(lab, call);
    case 'ModifyResourceSettings':
      return modifyResources(lab, call);
    case 'RemoveResourceSettings':
      return removeResources(lab, call);
    case 'GetSummaryInformation':
      return summaryInformation(lab, call);
    case 'FormatError':
      return { returnValue: RETURN.done, out: { ErrorMessage: formatErrors(call) } };
    default:
      return { returnValue: RETURN.notSupported };
  }
}

function exportSystem(lab: Lab, call: MethodCall): MethodResult | Promise<MethodResult> {
  const vm = vmArgument(lab, call.args['ComputerSystem']);
  const settings = embeddedArgument(
    call.args['ExportSettingData'],
    'Msvm_VirtualSystemExportSettingData',
  )?.properties;
  const directory = textOf(call.args['ExportDirectory']);
  if (vm === undefined || settings === undefined || directory === '') {
    return { returnValue: RETURN.invalidParameter };
  }
  if (numberOf(settings.get('CopySnapshotConfiguration')) !== ONE_FOR_BACKUP) {
    // The lab emulates only the export that backups use, and rejects all others.
    return { returnValue: RETURN.notSupported };
  }
  const found = checkpointArgument(lab, pathReference(lab, settings.get('SnapshotVirtualSystem')));
  if (found === undefined || found.vm !== vm) return { returnValue: RETURN.invalidParameter };
  const baseText = textOf(settings.get('DifferentialBackupBase'));
  const base = referencePointArgument(lab, pathReference(lab, baseText));
  if (baseText !== '' && base?.vm !== vm) return { returnValue: RETURN.invalidParameter };
  const copyStorage = settings.get('CopyVmStorage') === true;
  const excluded = settings.get('ExcludedVirtualHardDisks');
  const order = {
    checkpoint: found.checkpoint,
    directory,
    base: base?.point,
    excludedSlots: Array.isArray(excluded)
      ? (excluded as readonly string[]).flatMap((id) => slotOf(vm, id) ?? [])
      : [],
  };
  return startJob(
    lab,
    call,
    { type: 62, caption: 'Exporting Virtual Machine' },
    async (progress, signal) => {
      if (!copyStorage) {
        // As on a real host: such an export disables merging until it is enabled again.
        vm.mergeEnabled = false;
        await lab.save();
      }
      await exportCheckpoint(lab, vm, order, progress, signal);
      return [{ reference: vmReference(vm), effect: 0 }];
    },
  );
}

function modifyMerges(lab: Lab, call: MethodCall): MethodResult | Promise<MethodResult> {
  const settings = embeddedArgument(
    call.args['SettingData'],
    'Msvm_DiskMergeSettingData',
  )?.properties;
  const id = ownerOf(textOf(settings?.get('InstanceID')));
  const vm = lab.vms.find((each) => each.id === id);
  const state = numberOf(settings?.get('EnabledState'));
  if (vm === undefined || (state !== 0 && state !== 1))
    return { returnValue: RETURN.invalidParameter };
  return startJob(lab, call, { type: 2, caption: 'Modifying Disk Merge Settings' }, async () => {
    vm.mergeEnabled = state === 1;
    await lab.save();
    startMerges(lab, vm);
    return [{ reference: vmReference(vm), effect: 0 }];
  });
}

/** Returns the texts of embedded errors, one a line. */
function formatErrors({ args }: MethodCall): string {
  const errors = Array.isArray(args['Errors']) ? (args['Errors'] as readonly CimValue[]) : [];
  return errors
    .map((each) => textOf(embeddedArgument(each, 'Msvm_Error')?.properties.get('Message')))
    .join('\n');
}
