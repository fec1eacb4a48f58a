import type { CimInstance } from '../../cim/model.ts';
import { encodeObjectPath } from '../../cim/object-path.ts';
import type { Lab } from '../model/lab.ts';
import type { LabVm } from '../state/state.ts';
import type { Near } from '../wmi/repository.ts';
import {
  addressOf,
  controllerInstanceId,
  diskDriveReference,
  driveInstanceId,
  driveSlots,
  ideController,
  scsiController,
  settingsId,
  storageInstanceId,
} from './shared/ids.ts';
import { objectPath, owners, type Owner } from './shared/owners.ts';
import { resourceRow, templateRow } from './shared/resource-row.ts';

export const RASD = 'Msvm_ResourceAllocationSettingData';
export const SASD = 'Msvm_StorageAllocationSettingData';
const SYNTHETIC_DISK = 'Microsoft:Hyper-V:Synthetic Disk Drive';
const VIRTUAL_DISK = 'Microsoft:Hyper-V:Virtual Hard Disk';

/**
 * Yields controllers, drives, pass-through drives, and the pool templates that enumerations also
 * return.
 */
export function* resourceSettings(lab: Lab, near?: Near): Generator<CimInstance> {
  for (const owner of owners(lab, near)) {
    const { id, vm } = owner;
    for (const { id: controller, ...properties } of controllersOf(vm)) {
      const InstanceID = `${settingsId(id)}\\${controller}`;
      yield resourceRow(lab, RASD, { ...properties, InstanceID });
    }
    for (const slot of driveSlots(vm)) yield drive(lab, owner, slot);
  }
  yield templateRow(lab, RASD, SYNTHETIC_DISK, 17);
}

/** Returns the controllers of a VM: two for IDE in generation 1, and one for SCSI. */
export function controllersOf(vm: LabVm): readonly Controller[] {
  const scsi = {
    id: scsiController(vm),
    Address: null,
    ElementName: 'SCSI Controller',
    ResourceSubType: 'Microsoft:Hyper-V:Synthetic SCSI Controller',
    ResourceType: 6,
  };
  const ide = [0, 1].map((n) => ({
    id: ideController(n),
    Address: String(n),
    ElementName: `IDE Controller ${n}`,
    ResourceSubType: 'Microsoft:Hyper-V:Emulated IDE Controller',
    ResourceType: 5,
  }));
  return [...(vm.generation === 1 ? ide : []), ...(vm.noController === true ? [] : [scsi])];
}

interface Controller {
  /** InstanceID after the owner's. */
  readonly id: string;
  readonly Address: string | null;
  readonly ElementName: string;
  readonly ResourceSubType: string;
  readonly ResourceType: number;
}

function drive(lab: Lab, { id, vm }: Owner, slot: number): CimInstance {
  const disk = vm.disks.find((each) => each.slot === slot);
  const passThrough = disk?.kind === 'passthrough';
  return resourceRow(lab, RASD, {
    AddressOnParent: String(addressOf(vm, slot)),
    ElementName: 'Hard Drive',
    HostResource: passThrough
      ? [encodeObjectPath(diskDriveReference(lab.state.machineName, disk), lab.state.machineName)]
      : [],
    InstanceID: driveInstanceId(id, vm, slot),
    Parent: objectPath(lab, RASD, controllerInstanceId(id, vm, slot)),
    ResourceSubType: passThrough ? 'Microsoft:Hyper-V:Physical Disk Drive' : SYNTHETIC_DISK,
    ResourceType: 17,
  });
}

/** Yields one row per attached file. */
export function* storageSettings(lab: Lab, near?: Near): Generator<CimInstance> {
  for (const { id, vm, checkpoint, fileOf } of owners(lab, near)) {
    for (const disk of vm.disks) {
      const file = fileOf(disk);
      const frozen = checkpoint?.disks.find(({ slot }) => slot === disk.slot);
      if (file === undefined || disk.kind === 'passthrough') continue;
      yield resourceRow(lab, SASD, {
        Access: 3,
        AddressOnParent: '0',
        CachingMode: 0,
        ElementName: 'Hard Disk Image',
        HostResource: [file],
        IOPSAllocationUnits: 'count',
        IOPSLimit: 0n,
        IOPSReservation: 0n,
        IgnoreFlushes: false,
        InstanceID: storageInstanceId(id, vm, disk.slot),
        Parent: objectPath(lab, RASD, driveInstanceId(id, vm, disk.slot)),
        PersistentReservationsSupported: disk.kind === 'shared',
        ResourceSubType: VIRTUAL_DISK,
        ResourceType: 31,
        // The form of the ID is UNCONFIRMED.
        SnapshotId: frozen?.snapshotId?.toUpperCase() ?? '',
        StorageQoSPolicyID: '00000000-0000-0000-0000-000000000000',
        VirtualResourceBlockSize: 512n,
        WriteHardeningMethod: 0,
      });
    }
  }
  yield templateRow(lab, SASD, VIRTUAL_DISK, 31);
}
