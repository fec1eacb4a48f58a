import type { CimReference } from '../../../cim/model.ts';
import type { LabDisk, LabReferencePoint, LabVm } from '../../state/state.ts';

/** A datetime that never was, as Windows shows it. */
export const NEVER = '1601-01-01T00:00:00Z';

/** InstanceIDs as Hyper-V spells them: GUIDs in upper case, `<owner>` the VM's id or a checkpoint's. */
export const vmId = (vm: LabVm): string => vm.id.toUpperCase();

export const settingsId = (owner: string): string => `Microsoft:${owner.toUpperCase()}`;

export function controllerInstanceId(owner: string, vm: LabVm): string {
  return `${settingsId(owner)}\\${vm.controllerId.toUpperCase()}\\0`;
}

export const driveInstanceId = (owner: string, vm: LabVm, disk: LabDisk): string =>
  `${controllerInstanceId(owner, vm)}\\${disk.slot}\\D`;

export const storageInstanceId = (owner: string, vm: LabVm, slot: number): string =>
  `${controllerInstanceId(owner, vm)}\\${slot}\\L`;

export const instanceReference = (className: string, InstanceID: string): CimReference => ({
  className,
  keys: { InstanceID },
});

export const vmReference = (vm: LabVm): CimReference => ({
  className: 'Msvm_ComputerSystem',
  keys: { CreationClassName: 'Msvm_ComputerSystem', Name: vmId(vm) },
});

export const settingsReference = (owner: string): CimReference =>
  instanceReference('Msvm_VirtualSystemSettingData', settingsId(owner));

/** Both keys of the class: InstanceID alone does not identify a reference point. */
export const referencePointReference = (vm: LabVm, point: LabReferencePoint): CimReference => ({
  className: 'Msvm_VirtualSystemReferencePoint',
  keys: { InstanceID: point.instanceId, VirtualSystemIdentifier: vmId(vm) },
});

/** Returns the GUID in `Microsoft:<GUID>`, in lower case. */
export function ownerOf(instanceId: string): string {
  return (
    instanceId
      .replace(/^microsoft:/i, '')
      .split('\\')[0]
      ?.toLowerCase() ?? ''
  );
}

/** Returns the physical disk of a pass-through disk, with all keys of its class. */
export function diskDriveReference(host: string, disk: LabDisk): CimReference {
  return {
    className: 'Msvm_DiskDrive',
    keys: {
      CreationClassName: 'Msvm_DiskDrive',
      DeviceID: `Microsoft:353B3BE8-310C-4CF4-839E-4E1B14616136\\${disk.slot + 1}`,
      SystemCreationClassName: 'Msvm_ComputerSystem',
      SystemName: host,
    },
  };
}
