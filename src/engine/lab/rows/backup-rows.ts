import { cimInstance, type CimInstance } from '../../cim/model.ts';
import type { Lab } from '../model/lab.ts';
import { rctId, type LabReferencePoint, type LabVm } from '../state/state.ts';
import type { Near } from '../wmi/repository.ts';
import { settingsId, storageInstanceId, vmId } from './shared/ids.ts';
import { vmsNear } from './shared/near.ts';

export function* referencePoints(lab: Lab, near?: Near): Generator<CimInstance> {
  for (const vm of vmsNear(lab, near)) {
    for (const point of vm.referencePoints) yield referencePoint(lab, vm, point);
  }
}

/** Identifiers name the active VM's disk locations; the RCT IDs are parallel to them. */
function referencePoint(lab: Lab, vm: LabVm, point: LabReferencePoint): CimInstance {
  return cimInstance('Msvm_VirtualSystemReferencePoint', {
    ConsistencyLevel: point.consistency,
    HasAssociatedData: false,
    InstanceID: point.instanceId,
    ReferencePointType: 2,
    ResilientChangeTrackingIdentifiers: trackingIds(lab, vm, point),
    VirtualDiskIdentifiers: point.disks.map((disk) => storageInstanceId(vm.id, vm, disk.slot)),
    VirtualSystemIdentifier: vmId(vm),
  });
}

/** RCT IDs in the order of the disks, unless a fault is on; a VHD has an empty one. */
function trackingIds(lab: Lab, vm: LabVm, point: LabReferencePoint): string[] {
  const ids = point.disks.map(({ slot, trackingId, generation }) => {
    const tracked = vm.disks.find((disk) => disk.slot === slot)?.kind !== 'vhd';
    return tracked ? rctId(trackingId, generation) : '';
  });
  if (lab.faults.isOn('rct.lost')) return [];
  if (lab.faults.isOn('rct.permuted')) return [...ids.slice(1), ...ids.slice(0, 1)];
  return lab.faults.isOn('rct.missing')
    ? ids.map((id, i) => (i === ids.length - 1 ? '' : id))
    : ids;
}

/** Returns each VM's own export settings, which clients change and send back. */
export function exportSettings(lab: Lab, near?: Near): CimInstance[] {
  return vmsNear(lab, near).map((vm) =>
    cimInstance('Msvm_VirtualSystemExportSettingData', {
      BackupIntent: 0,
      Caption: 'Virtual Machine Export Settings',
      CaptureLiveState: 1,
      CopySnapshotConfiguration: 0,
      CopyVmRuntimeInformation: true,
      CopyVmStorage: true,
      CreateVmExportSubdirectory: true,
      DisableDifferentialOfIgnoredStorage: false,
      ElementName: vm.name,
      ExcludedVirtualHardDisks: [],
      ExportForLiveMigration: false,
      InstanceID: settingsId(vm.id),
    }),
  );
}

/** The suffix of these IDs on a real host is UNCONFIRMED; clients read them. */
export function diskMergeSettings(lab: Lab, near?: Near): CimInstance[] {
  return vmsNear(lab, near).map((vm) =>
    cimInstance('Msvm_DiskMergeSettingData', {
      Caption: 'Disk Merge Settings',
      ElementName: 'Disk Merge Settings',
      EnabledState: vm.mergeEnabled ? 1 : 0,
      InstanceID: `${settingsId(vm.id)}\\DiskMerge`,
    }),
  );
}
