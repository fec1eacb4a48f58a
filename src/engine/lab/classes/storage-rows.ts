import { cimInstance, type CimInstance, type CimValue } from '../../cim/model.ts';
import type { Lab } from '../model/lab.ts';
import type { LabDisk, LabVm } from '../state/state.ts';
import { controllerInstanceId, driveInstanceId, settingsId, storageInstanceId } from './ids.ts';

const RASD = 'Msvm_ResourceAllocationSettingData';
const SASD = 'Msvm_StorageAllocationSettingData';

/** Owner of the hardware: the VM's active settings, or a checkpoint. */
interface Owner {
  readonly id: string;
  readonly vm: LabVm;
  /**
   * Returns the file of a disk as the owner sees it; undefined if the owner does not have the disk.
   */
  readonly fileOf: (disk: LabDisk) => string | undefined;
}

export function owners(lab: Lab): Owner[] {
  return lab.state.vms.flatMap((vm) => [
    { id: vm.id, vm, fileOf: (disk: LabDisk) => disk.files.at(-1) },
    ...vm.checkpoints.map((checkpoint) => ({
      id: checkpoint.id,
      vm,
      fileOf: (disk: LabDisk) => checkpoint.disks.find((each) => each.slot === disk.slot)?.path,
    })),
  ]);
}

/**
 * Returns controllers, drives, pass-through drives, and the pool templates that enumerations also
 * return.
 */
export function resourceSettings(lab: Lab): CimInstance[] {
  const rows = owners(lab).flatMap(({ id, vm }) => [
    row(RASD, {
      Address: null,
      ElementName: 'SCSI Controller',
      InstanceID: controllerInstanceId(id, vm),
      ResourceSubType: 'Microsoft:Hyper-V:Synthetic SCSI Controller',
      ResourceType: 6,
    }),
    ...vm.disks.map((disk) =>
      row(RASD, {
        AddressOnParent: String(disk.slot),
        ElementName: 'Hard Drive',
        HostResource:
          disk.kind === 'passthrough'
            ? [
                path(
                  lab,
                  'Msvm_DiskDrive',
                  `Microsoft:353B3BE8-310C-4cf4-839E-4E1B14616136\\${disk.slot + 1}`,
                ),
              ]
            : [],
        InstanceID: driveInstanceId(id, vm, disk),
        Parent: path(lab, RASD, controllerInstanceId(id, vm)),
        ResourceSubType:
          disk.kind === 'passthrough'
            ? 'Microsoft:Hyper-V:Physical Disk Drive'
            : 'Microsoft:Hyper-V:Synthetic Disk Drive',
        ResourceType: 17,
      }),
    ),
  ]);
  return [...rows, template(RASD, 'Microsoft:Hyper-V:Synthetic Disk Drive', 17)];
}

/** Returns one row per attached file. */
export function storageSettings(lab: Lab): CimInstance[] {
  const rows = owners(lab).flatMap(({ id, vm, fileOf }) =>
    vm.disks.flatMap((disk) => {
      const file = fileOf(disk);
      if (file === undefined || disk.kind === 'passthrough') return [];
      return [
        row(SASD, {
          Access: 3,
          AddressOnParent: '0',
          CachingMode: 0,
          ElementName: 'Hard Disk Image',
          HostResource: [file],
          InstanceID: storageInstanceId(id, vm, disk.slot),
          Parent: path(lab, RASD, driveInstanceId(id, vm, disk)),
          PersistentReservationsSupported: disk.kind === 'shared',
          ResourceSubType: 'Microsoft:Hyper-V:Virtual Hard Disk',
          ResourceType: 31,
        }),
      ];
    }),
  );
  return [...rows, template(SASD, 'Microsoft:Hyper-V:Virtual Hard Disk', 31)];
}

function row(className: string, properties: Readonly<Record<string, CimValue>>): CimInstance {
  return cimInstance(className, {
    AutomaticAllocation: true,
    AutomaticDeallocation: true,
    Caption: properties['ElementName'] ?? null,
    ConsumerVisibility: 3,
    Description: 'Settings for a resource of the lab.',
    PoolID: '',
    Weight: 0,
    ...properties,
  });
}

function template(className: string, subType: string, type: number): CimInstance {
  return row(className, {
    ElementName: 'Hard Disk Image Default Settings',
    InstanceID: 'Microsoft:Definition\\70BB60D2-A9D3-46AA-B654-3DE53004B4F8\\Default',
    ResourceSubType: subType,
    ResourceType: type,
  });
}

function path(lab: Lab, className: string, instanceId: string): string {
  const escaped = instanceId.replaceAll('\\', '\\\\');
  return `\\\\${lab.state.machineName}\\root\\virtualization\\v2:${className}.InstanceID="${escaped}"`;
}

/** Returns the InstanceIDs of a settings row's hardware, for the component association. */
export function componentsOf(owner: Owner): { className: string; instanceId: string }[] {
  const { id, vm, fileOf } = owner;
  return [
    { className: RASD, instanceId: controllerInstanceId(id, vm) },
    ...vm.disks.map((disk) => ({ className: RASD, instanceId: driveInstanceId(id, vm, disk) })),
    ...vm.disks
      .filter((disk) => disk.kind !== 'passthrough' && fileOf(disk) !== undefined)
      .map((disk) => ({ className: SASD, instanceId: storageInstanceId(id, vm, disk.slot) })),
  ];
}

export const settingsOf = (owner: Owner): string => settingsId(owner.id);
