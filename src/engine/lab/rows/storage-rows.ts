import type { CimInstance } from '../../cim/model.ts';
import { encodeObjectPath } from '../../cim/object-path.ts';
import type { Lab } from '../model/lab.ts';
import type { LabDisk } from '../state/state.ts';
import type { Near } from '../wmi/repository.ts';
import {
  controllerInstanceId,
  diskDriveReference,
  driveInstanceId,
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
    yield resourceRow(lab, RASD, {
      Address: null,
      ElementName: 'SCSI Controller',
      InstanceID: controllerInstanceId(id, vm),
      ResourceSubType: 'Microsoft:Hyper-V:Synthetic SCSI Controller',
      ResourceType: 6,
    });
    for (const disk of vm.disks) yield drive(lab, owner, disk);
  }
  yield templateRow(lab, RASD, SYNTHETIC_DISK, 17);
}

function drive(lab: Lab, { id, vm }: Owner, disk: LabDisk): CimInstance {
  const passThrough = disk.kind === 'passthrough';
  return resourceRow(lab, RASD, {
    AddressOnParent: String(disk.slot),
    ElementName: 'Hard Drive',
    HostResource: passThrough
      ? [encodeObjectPath(diskDriveReference(lab.state.machineName, disk), lab.state.machineName)]
      : [],
    InstanceID: driveInstanceId(id, vm, disk),
    Parent: objectPath(lab, RASD, controllerInstanceId(id, vm)),
    ResourceSubType: passThrough ? 'Microsoft:Hyper-V:Physical Disk Drive' : SYNTHETIC_DISK,
    ResourceType: 17,
  });
}

/** Yields one row per attached file. */
export function* storageSettings(lab: Lab, near?: Near): Generator<CimInstance> {
  for (const { id, vm, fileOf } of owners(lab, near)) {
    for (const disk of vm.disks) {
      const file = fileOf(disk);
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
        Parent: objectPath(lab, RASD, driveInstanceId(id, vm, disk)),
        PersistentReservationsSupported: disk.kind === 'shared',
        ResourceSubType: VIRTUAL_DISK,
        ResourceType: 31,
        SnapshotId: '',
        StorageQoSPolicyID: '00000000-0000-0000-0000-000000000000',
        VirtualResourceBlockSize: 512n,
        WriteHardeningMethod: 0,
      });
    }
  }
  yield templateRow(lab, SASD, VIRTUAL_DISK, 31);
}
