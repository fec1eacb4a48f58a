import type { CimReference } from '../cim/model.ts';

/** Names and values of the Hyper-V WMI v2 classes (win32 reference) that the engine uses. */
export const CLASS = {
  computerSystem: 'Msvm_ComputerSystem',
  plannedSystem: 'Msvm_PlannedComputerSystem',
  settings: 'Msvm_VirtualSystemSettingData',
  resource: 'Msvm_ResourceAllocationSettingData',
  storage: 'Msvm_StorageAllocationSettingData',
  processor: 'Msvm_ProcessorSettingData',
  memory: 'Msvm_MemorySettingData',
  ethernetPort: 'Msvm_SyntheticEthernetPortSettingData',
  ethernetConnection: 'Msvm_EthernetPortAllocationSettingData',
  bootSource: 'Msvm_BootSourceSettingData',
  security: 'Msvm_SecuritySettingData',
  ethernetSwitch: 'Msvm_VirtualEthernetSwitch',
  settingsComponent: 'Msvm_VirtualSystemSettingDataComponent',
  snapshotService: 'Msvm_VirtualSystemSnapshotService',
  referencePointService: 'Msvm_VirtualSystemReferencePointService',
  managementService: 'Msvm_VirtualSystemManagementService',
  imageService: 'Msvm_ImageManagementService',
  referencePoint: 'Msvm_VirtualSystemReferencePoint',
  exportSettings: 'Msvm_VirtualSystemExportSettingData',
  diskMergeSettings: 'Msvm_DiskMergeSettingData',
  snapshotSettings: 'Msvm_VirtualSystemSnapshotSettingData',
  referencePointSettings: 'Msvm_VirtualSystemReferencePointSettingData',
  vssComponent: 'Msvm_VssComponent',
  affectedJobElement: 'Msvm_AffectedJobElement',
  affectedStorageJobElement: 'Msvm_AffectedStorageJobElement',
  concreteJob: 'Msvm_ConcreteJob',
  storageJob: 'Msvm_StorageJob',
  collectionService: 'Msvm_CollectionManagementService',
  collectionSnapshotService: 'Msvm_CollectionSnapshotService',
  collectionReferencePointService: 'Msvm_CollectionReferencePointService',
  group: 'Msvm_VirtualSystemCollection',
  groupSnapshot: 'Msvm_SnapshotCollection',
  groupReferencePoint: 'Msvm_ReferencePointCollection',
  collectedSystems: 'Msvm_CollectedVirtualSystems',
  collectedSnapshots: 'Msvm_CollectedSnapshots',
  collectedReferencePoints: 'Msvm_CollectedReferencePoints',
  snapshotOfGroup: 'Msvm_SnapshotOfVirtualSystemCollection',
  vssService: 'Msvm_VssService',
} as const;

/** VirtualSystemType of settings rows. Those of checkpoints have no `System:` segment. */
export const SYSTEM_TYPE = {
  realized: 'Microsoft:Hyper-V:System:Realized',
  userCheckpoint: 'Microsoft:Hyper-V:Snapshot:Realized',
  backupCheckpoint: 'Microsoft:Hyper-V:Snapshot:Recovery',
} as const;

/** EnabledState of a VM. */
export const ENABLED_STATE: Readonly<Record<number, 'running' | 'off' | 'saved' | 'paused'>> = {
  2: 'running',
  3: 'off',
  6: 'saved',
  9: 'paused',
};

/** OperationalStatus[1], present only while an operation runs. */
export const OPERATION: Readonly<Record<number, string>> = {
  32768: 'creating a checkpoint',
  32769: 'applying a checkpoint',
  32770: 'deleting a checkpoint',
  32771: 'waiting to start',
  32772: 'merging disks',
  32773: 'exporting',
  32774: 'migrating',
};

export const MERGING = 32772;

/** SnapshotType of a backup checkpoint (vendor range, undocumented in prose). */
export const SNAPSHOT_TYPE_RECOVERY = 32768;

/** ConsistencyLevel of snapshot and reference point settings; 0 makes newer hosts fail. */
export const CONSISTENCY_LEVEL = { application: 1, crash: 2 } as const;

/** GuestBackupType: copy leaves the logs, which may belong to another backup product. */
export const GUEST_BACKUP_TYPE = { full: 1, copy: 2 } as const;

/**
 * A service is a singleton; its class name as the only selector suffices (recorded from real
 * hosts).
 */
export function serviceReference(className: string): CimReference {
  return { className, keys: { CreationClassName: className } };
}

/** Both keys are required: Name alone gives DestinationUnreachable. */
export function vmReference(vmId: string): CimReference {
  return {
    className: CLASS.computerSystem,
    keys: { CreationClassName: CLASS.computerSystem, Name: vmId.toUpperCase() },
  };
}
