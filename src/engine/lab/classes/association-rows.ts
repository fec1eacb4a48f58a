import { cimInstance, type CimInstance, type CimValue } from '../../cim/model.ts';
import type { Lab } from '../model/lab.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import {
  instanceReference,
  referencePointReference,
  settingsId,
  settingsReference,
  vmReference,
} from './ids.ts';
import { componentsOf, owners, settingsOf } from './storage-rows.ts';

/** Returns the instances of one association class, derived from the state at each call. */
export function associationRows(lab: Lab, className: string): CimInstance[] {
  const row = (properties: Readonly<Record<string, CimValue>>): CimInstance =>
    cimInstance(className, properties);
  const { vms } = lab.state;
  switch (className) {
    case 'Msvm_SettingsDefineState':
      return vms.map((vm) =>
        row({ ManagedElement: vmReference(vm), SettingData: settingsReference(vm.id) }),
      );
    case 'Msvm_SnapshotOfVirtualSystem':
      return vms.flatMap((vm) =>
        vm.checkpoints.map((each) =>
          row({ Antecedent: vmReference(vm), Dependent: settingsReference(each.id) }),
        ),
      );
    case 'Msvm_MostCurrentSnapshotInBranch':
      return vms.flatMap((vm) => {
        const last = vm.checkpoints.findLast((each) => each.type === 'user');
        return last === undefined
          ? []
          : [row({ Antecedent: vmReference(vm), Dependent: settingsReference(last.id) })];
      });
    case 'Msvm_LastAppliedSnapshot':
      // The roles are the reverse of those in the associations above.
      return vms.flatMap((vm) =>
        vm.checkpoints
          .filter(({ id }) => id === vm.lastApplied)
          .map(({ id }) => row({ Antecedent: settingsReference(id), Dependent: vmReference(vm) })),
      );
    case 'Msvm_VirtualSystemSettingDataComponent':
      return owners(lab).flatMap((owner) =>
        componentsOf(owner).map((part) =>
          row({
            GroupComponent: instanceReference('Msvm_VirtualSystemSettingData', settingsOf(owner)),
            PartComponent: instanceReference(part.className, part.instanceId),
          }),
        ),
      );
    case 'Msvm_ReferencePointOfVirtualSystem':
      return vms.flatMap((vm) =>
        vm.referencePoints.map((point) =>
          row({ Antecedent: vmReference(vm), Dependent: referencePointReference(vm, point) }),
        ),
      );
    case 'Msvm_SystemExportSettingData':
      return vms.map((vm) =>
        row({
          ManagedElement: vmReference(vm),
          SettingData: instanceReference('Msvm_VirtualSystemExportSettingData', settingsId(vm.id)),
          IsCurrent: 1,
          IsDefault: 1,
          IsNext: 0,
        }),
      );
    case 'Msvm_AffectedJobElement':
      if (lab.faults.strike('associators.fail') !== undefined) {
        throw new CimFault('internal', 'The provider failed: a fault was asked for.');
      }
      return affectedJobElements(lab, row);
    default:
      return [];
  }
}

function affectedJobElements(
  lab: Lab,
  row: (properties: Readonly<Record<string, CimValue>>) => CimInstance,
): CimInstance[] {
  return Array.from(lab.jobs.all()).flatMap((job) =>
    job.affected.map(({ reference, effect }) =>
      row({
        AffectedElement: reference,
        AffectingElement: instanceReference(job.className, job.id),
        ElementEffects: [effect],
        OtherElementEffectsDescriptions: [],
      }),
    ),
  );
}
