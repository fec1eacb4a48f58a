import type { CimReference } from '../../../cim/model.ts';
import type { LabDisk, LabReferencePoint, LabVm } from '../../state/state.ts';

/** A datetime that never was, as Windows shows it. */
export const NEVER = '1601-01-01T00:00:00Z';

/** InstanceIDs as Hyper-V spells them: GUIDs in upper case, `<owner>` the VM's id or a checkpoint's. */
export const vmId = (vm: LabVm): string => vm.id.toUpperCase();

export const settingsId = (owner: string): string => `Microsoft:${owner.toUpperCase()}`;

/** GUID of the IDE controllers of every VM of generation 1. */
const IDE_CONTROLLER = '83F8638B-8DCA-4152-9EDA-2CA8B33039B4';
/** Two IDE controllers with two slots each. */
const IDE_SLOTS = 4;
const SCSI_SLOTS = 64;

/** Part of a controller's InstanceID after the owner's: `<GUID>\<n>`. */
export const scsiController = (vm: LabVm): string => `${vm.controllerId.toUpperCase()}\\0`;
export const ideController = (n: number): string => `${IDE_CONTROLLER}\\${n}`;

/**
 * Returns the controller and the address of a slot. The first four slots of a VM of generation 1 are
 * those of its IDE controllers; all others belong to the SCSI controller.
 */
function placeOf(
  vm: LabVm,
  slot: number,
): { readonly controller: string; readonly address: number } {
  if (vm.generation === 2) return { controller: scsiController(vm), address: slot };
  return slot < IDE_SLOTS
    ? { controller: ideController(Math.floor(slot / 2)), address: slot % 2 }
    : { controller: scsiController(vm), address: slot - IDE_SLOTS };
}

/** Returns the slot at an address of a controller; undefined if the VM has no such place. */
export function slotAt(vm: LabVm, controller: string, address: number): number | undefined {
  const slots = vm.generation === 1 ? IDE_SLOTS + SCSI_SLOTS : SCSI_SLOTS;
  const wanted = controller.toUpperCase();
  for (let slot = 0; slot < slots; slot++) {
    const place = placeOf(vm, slot);
    if (place.controller === wanted && place.address === address) return slot;
  }
  return undefined;
}

/** Returns the slot that `Microsoft:<owner>\<controller>\<n>\<address>\L` names. */
export function slotOf(vm: LabVm, instanceId: string): number | undefined {
  const [, controller, n, address] = instanceId.split('\\');
  return address === undefined || !/^\d{1,2}$/.test(address)
    ? undefined
    : slotAt(vm, `${controller}\\${n}`, Number(address));
}

export function controllerInstanceId(owner: string, vm: LabVm, slot: number): string {
  return `${settingsId(owner)}\\${placeOf(vm, slot).controller}`;
}

export const addressOf = (vm: LabVm, slot: number): number => placeOf(vm, slot).address;

export const driveInstanceId = (owner: string, vm: LabVm, slot: number): string =>
  `${controllerInstanceId(owner, vm, slot)}\\${addressOf(vm, slot)}\\D`;

export const storageInstanceId = (owner: string, vm: LabVm, slot: number): string =>
  `${controllerInstanceId(owner, vm, slot)}\\${addressOf(vm, slot)}\\L`;

export const instanceReference = (className: string, InstanceID: string): CimReference => ({
  className,
  keys: { InstanceID },
});

export function vmReference(vm: LabVm): CimReference {
  const className = vm.planned === true ? 'Msvm_PlannedComputerSystem' : 'Msvm_ComputerSystem';
  return { className, keys: { CreationClassName: className, Name: vmId(vm) } };
}

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

/** Returns the slots with a drive, with a disk in it or empty. */
export const driveSlots = ({ disks, drives = [] }: LabVm): readonly number[] =>
  [...disks.map(({ slot }) => slot), ...drives].sort((a, b) => a - b);
