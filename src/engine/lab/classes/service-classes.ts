import type { HostVersion } from '../state/state.ts';
import type { CimClassDeclaration, CimMethodDeclaration } from '../wmi/repository.ts';
import { declareClass, declareMethod } from './declare.ts';

const SERVICE = `Caption:string CreationClassName:string! Description:string ElementName:string EnabledState:u16
  Name:string! Started:bool SystemCreationClassName:string! SystemName:string!`;

const service = (name: string, methods: readonly CimMethodDeclaration[]): CimClassDeclaration =>
  declareClass(name, SERVICE, { superclass: 'CIM_Service', methods });

const JOB_OUT = 'out Job:ref';

const SNAPSHOT_METHODS = [
  declareMethod(
    'CreateSnapshot',
    `in AffectedSystem:ref | in SnapshotSettings:string embedded | in SnapshotType:u16 |
     inout ResultingSnapshot:ref | ${JOB_OUT}`,
  ),
  declareMethod('DestroySnapshot', `in AffectedSnapshot:ref | ${JOB_OUT}`),
  declareMethod('DestroySnapshotTree', `in SnapshotSettingData:ref | ${JOB_OUT}`),
  declareMethod('ApplySnapshot', `in Snapshot:ref | ${JOB_OUT}`),
  declareMethod(
    'ConvertToReferencePoint',
    `in AffectedSnapshot:ref | in ReferencePointSettings:string embedded | inout ResultingReferencePoint:ref | ${JOB_OUT}`,
  ),
];

const REFERENCE_POINT_METHODS = [
  declareMethod(
    'CreateReferencePoint',
    `in AffectedSystem:ref | in ReferencePointSettings:string embedded | in ReferencePointType:u16 |
     inout ResultingReferencePoint:ref | ${JOB_OUT}`,
  ),
  declareMethod('DestroyReferencePoint', `in AffectedReferencePoint:ref | ${JOB_OUT}`),
  declareMethod(
    'ExportReferencePoint',
    `in ReferencePoint:ref | in ExportDirectory:string | in ExportSettingData:string embedded | ${JOB_OUT}`,
  ),
  declareMethod('RemoveAssociatedData', `in AffectedReferencePoint:ref | ${JOB_OUT}`),
];

const MANAGEMENT_METHODS = [
  declareMethod(
    'ExportSystemDefinition',
    `in ComputerSystem:ref | in ExportDirectory:string | in ExportSettingData:string embedded | ${JOB_OUT}`,
  ),
  declareMethod('ModifySystemSettings', `in SystemSettings:string embedded | ${JOB_OUT}`),
  declareMethod('ModifyDiskMergeSettings', `in SettingData:string embedded | ${JOB_OUT}`),
  declareMethod('DestroySystem', `in AffectedSystem:ref | ${JOB_OUT}`),
  declareMethod(
    'DefineSystem',
    `in SystemSettings:string embedded | in ResourceSettings:string[] embedded | in ReferenceConfiguration:ref |
     out ResultingSystem:ref | ${JOB_OUT}`,
  ),
  declareMethod(
    'ImportSystemDefinition',
    `in SystemDefinitionFile:string | in SnapshotFolder:string | in GenerateNewSystemIdentifier:bool |
     out ImportedSystem:ref | ${JOB_OUT}`,
  ),
];

const IMAGE_METHODS = [
  declareMethod(
    'GetVirtualDiskChanges',
    `in Path:string | in LimitId:string | in TargetSnapshotId:string | in ByteOffset:u64 | in ByteLength:u64 |
     out ProcessedByteLength:u64 | out ChangedByteOffsets:u64[] | out ChangedByteLengths:u64[] | ${JOB_OUT}`,
  ),
  declareMethod(
    'GetVirtualHardDiskSettingData',
    `in Path:string | out SettingData:string embedded | ${JOB_OUT}`,
  ),
  declareMethod(
    'GetVirtualHardDiskState',
    `in Path:string | out State:string embedded | ${JOB_OUT}`,
  ),
  declareMethod('CompactVirtualHardDisk', `in Path:string | in Mode:u16 | ${JOB_OUT}`),
  declareMethod('ResizeVirtualHardDisk', `in Path:string | in MaxInternalSize:u64 | ${JOB_OUT}`),
  declareMethod(
    'MergeVirtualHardDisk',
    `in SourcePath:string | in DestinationPath:string | ${JOB_OUT}`,
  ),
  declareMethod(
    'ConvertVirtualHardDisk',
    `in SourcePath:string | in VirtualDiskSettingData:string embedded | ${JOB_OUT}`,
  ),
];

/**
 * The four services for backups; the Name keys of the real ones are in hyperv-wmi 2 (that of the
 * reference points is a guess).
 */
export const SERVICES: readonly { readonly className: string; readonly name: string }[] = [
  { className: 'Msvm_VirtualSystemManagementService', name: 'vmms' },
  { className: 'Msvm_VirtualSystemSnapshotService', name: 'vssnapsvc' },
  { className: 'Msvm_VirtualSystemReferencePointService', name: 'refpointsvc' },
  { className: 'Msvm_ImageManagementService', name: 'vhdsvc' },
];

const JOB = `Cancellable:bool Caption:string CommunicationStatus:u16 DeleteOnCompletion:bool Description:string
  DetailedStatus:u16 ElapsedTime:interval ElementName:string ErrorCode:u16 ErrorDescription:string
  ErrorSummaryDescription:string HealthState:u16 InstallDate:datetime InstanceID:string! JobRunTimes:u32 JobState:u16
  JobStatus:string JobType:u16 LocalOrUtcTime:u16 Name:string Notify:string OperatingStatus:u16 OperationalStatus:u16[]
  OtherRecoveryAction:string Owner:string PercentComplete:u16 PrimaryStatus:u16 Priority:u32 RecoveryAction:u16
  StartTime:datetime Status:string StatusDescriptions:string[] TimeBeforeRemoval:interval
  TimeOfLastStateChange:datetime TimeSubmitted:datetime`;

const JOB_METHODS = [
  declareMethod(
    'RequestStateChange',
    `in RequestedState:u16 | ${JOB_OUT} | in TimeoutPeriod:interval`,
  ),
  declareMethod('GetError', 'out Error:string embedded'),
  declareMethod('GetErrorEx', 'out Errors:string[] embedded'),
];

export function serviceClasses(version: HostVersion): readonly CimClassDeclaration[] {
  // Server 2016 lacks GuestBackupType (documented from 1703).
  const guestBackup = version === '2016' ? '' : 'GuestBackupType:u8';
  const described = 'Caption:string Description:string ElementName:string InstanceID:string!';
  return [
    declareClass('CIM_Service', SERVICE),
    service('Msvm_VirtualSystemManagementService', MANAGEMENT_METHODS),
    service('Msvm_VirtualSystemSnapshotService', SNAPSHOT_METHODS),
    service('Msvm_VirtualSystemReferencePointService', REFERENCE_POINT_METHODS),
    service('Msvm_ImageManagementService', IMAGE_METHODS),
    declareClass('CIM_ConcreteJob', JOB, { methods: JOB_METHODS }),
    declareClass('Msvm_ConcreteJob', JOB, { superclass: 'CIM_ConcreteJob', methods: JOB_METHODS }),
    declareClass('Msvm_StorageJob', JOB, { superclass: 'CIM_ConcreteJob', methods: JOB_METHODS }),
    declareClass(
      'Msvm_VirtualSystemReferencePoint',
      `Caption:string ConsistencyLevel:u16 Description:string ElementName:string HasAssociatedData:bool
       InstanceID:string! ReferencePointType:u16 ResilientChangeTrackingIdentifiers:string[]
       VirtualDiskIdentifiers:string[] VirtualSystemIdentifier:string!`,
    ),
    declareClass(
      'Msvm_VirtualSystemExportSettingData',
      `${described} BackupIntent:u8 CaptureLiveState:u8 CopySnapshotConfiguration:u8 CopyVmRuntimeInformation:bool
       CopyVmStorage:bool CreateVmExportSubdirectory:bool DifferentialBackupBase:string
       DisableDifferentialOfIgnoredStorage:bool ExcludedVirtualHardDisks:string[] ExportForLiveMigration:bool
       SnapshotVirtualSystem:string`,
    ),
    declareClass('Msvm_DiskMergeSettingData', `${described} EnabledState:u32`),
    declareClass(
      'Msvm_VirtualSystemSnapshotSettingData',
      `${described} ConsistencyLevel:u8 IgnoreNonSnapshottableDisks:bool ${guestBackup}`,
    ),
    declareClass('Msvm_VirtualSystemReferencePointSettingData', `${described} ConsistencyLevel:u8`),
    declareClass(
      'Msvm_VirtualHardDiskSettingData',
      `${described} BlockSize:u32 DataAlignment:u64 Format:u16 IsPmemCompatible:bool LogicalSectorSize:u32
       MaxInternalSize:u64 ParentIdentifier:string ParentPath:string ParentTimestamp:datetime Path:string
       PhysicalSectorSize:u32 PmemAddressAbstractionType:u16 Type:u16 VirtualDiskId:string`,
    ),
    declareClass(
      'Msvm_VirtualHardDiskState',
      `${described} Alignment:u32 FileSize:u64 FragmentationPercentage:u32 InUse:bool MinInternalSize:u64
       PhysicalSectorSize:u32 Timestamp:datetime`,
    ),
    declareClass(
      'Msvm_Error',
      `${described} CIMStatusCode:u32 ErrorSource:string ErrorType:u16 Message:string MessageID:string
       PerceivedSeverity:u16 ProbableCause:u16`,
    ),
  ];
}
