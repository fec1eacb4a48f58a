import { cimInstance, type CimInstance } from '../../cim/model.ts';
import type { Lab } from '../model/lab.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import type { Near } from '../wmi/repository.ts';
import { ASSOCIATIONS } from './association-rows.ts';
import { diskMergeSettings, exportSettings, referencePoints } from './backup-rows.ts';
import { DEVICE_CLASSES, devices, diskDrives } from './hardware/device-rows.ts';
import { bootSourceSettings, securitySettings } from './firmware-rows.ts';
import { HARDWARE_CLASSES, hardwareSettings } from './hardware/hardware-rows.ts';
import { jobs } from './job-rows.ts';
import { GROUP_LINKS } from './groups/group-links.ts';
import { groupPoints, groups, groupSnapshots } from './groups/group-rows.ts';
import { guestServices } from './groups/guest-services.ts';
import { SERVICE_CLASSES, services, serviceSettings } from './service-rows.ts';
import { systemSettings } from './settings-rows.ts';
import { resourceSettings, storageSettings } from './storage-rows.ts';
import { switches, switchSettings } from './hardware/switch-rows.ts';
import { computerSystems, plannedSystems } from './system-rows.ts';

type Rows = (lab: Lab, near: Near | undefined, className: string) => Iterable<CimInstance>;

const each = (names: readonly string[], rows: Rows): Readonly<Record<string, Rows>> =>
  Object.fromEntries(names.map((name) => [name, rows]));

/** Rows of each class of root/virtualization/v2; a class without an entry has no instances. */
const ROWS: Readonly<Record<string, Rows>> = {
  ...each(SERVICE_CLASSES, (lab, _, className) => services(lab, className)),
  ...each(HARDWARE_CLASSES, (lab, near, className) => hardwareSettings(lab, className, near)),
  ...each(DEVICE_CLASSES, (lab, near, className) => devices(lab, className, near)),
  ...each(Object.keys(ASSOCIATIONS), associationRows),
  Msvm_ComputerSystem: computerSystems,
  Msvm_PlannedComputerSystem: plannedSystems,
  Msvm_VirtualSystemSettingData: systemSettings,
  Msvm_ResourceAllocationSettingData: resourceSettings,
  Msvm_StorageAllocationSettingData: storageSettings,
  Msvm_BootSourceSettingData: bootSourceSettings,
  Msvm_SecuritySettingData: securitySettings,
  Msvm_DiskDrive: diskDrives,
  Msvm_VirtualEthernetSwitch: switches,
  Msvm_VirtualEthernetSwitchSettingData: switchSettings,
  Msvm_VirtualSystemManagementServiceSettingData: serviceSettings,
  Msvm_VirtualSystemReferencePoint: referencePoints,
  ...each(Object.keys(GROUP_LINKS), groupLinkRows),
  Msvm_VirtualSystemCollection: groups,
  Msvm_SnapshotCollection: groupSnapshots,
  Msvm_ReferencePointCollection: groupPoints,
  Msvm_VssService: guestServices,
  Msvm_VirtualSystemExportSettingData: exportSettings,
  Msvm_DiskMergeSettingData: (lab, near) => {
    if (lab.faults.strike('merge.settings') !== undefined) {
      throw new CimFault('internal', 'The provider failed: a fault is on.');
    }
    return diskMergeSettings(lab, near);
  },
  Msvm_ConcreteJob: (lab, _, className) => jobs(lab, className),
  Msvm_StorageJob: (lab, _, className) => jobs(lab, className),
};

function* associationRows(
  lab: Lab,
  near: Near | undefined,
  className: string,
): Generator<CimInstance> {
  for (const link of ASSOCIATIONS[className]?.(lab, near) ?? []) yield cimInstance(className, link);
}

function* groupLinkRows(lab: Lab, _: Near | undefined, className: string): Generator<CimInstance> {
  for (const link of GROUP_LINKS[className]?.(lab) ?? []) yield cimInstance(className, link);
}

/** Returns the instances of one class, made on demand. */
export function virtualizationRows(
  lab: Lab,
  className: string,
  near: Near | undefined,
): Iterable<CimInstance> {
  return ROWS[className]?.(lab, near, className) ?? [];
}
