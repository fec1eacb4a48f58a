import type { CimMethodDeclaration } from '../wmi/repository.ts';
import { declareMethod } from './declare.ts';

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
  declareMethod(
    'GetSummaryInformation',
    'in SettingData:ref[] | in RequestedInformation:u32[] | out SummaryInformation:object[]',
  ),
  declareMethod('FormatError', 'in Errors:string[] embedded | out ErrorMessage:string'),
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
  declareMethod(
    'ImportSnapshotDefinitions',
    `in PlannedSystem:ref | in SnapshotFolder:string | out ImportedSnapshots:ref[] | ${JOB_OUT}`,
  ),
  declareMethod('ValidatePlannedSystem', `in PlannedSystem:ref | ${JOB_OUT}`),
  declareMethod(
    'RealizePlannedSystem',
    `in PlannedSystem:ref | out ResultingSystem:ref | ${JOB_OUT}`,
  ),
  declareMethod(
    'AddResourceSettings',
    `in AffectedConfiguration:ref | in ResourceSettings:string[] embedded |
     out ResultingResourceSettings:ref[] | ${JOB_OUT}`,
  ),
  declareMethod(
    'ModifyResourceSettings',
    `in ResourceSettings:string[] embedded | out ResultingResourceSettings:ref[] | ${JOB_OUT}`,
  ),
  declareMethod('RemoveResourceSettings', `in ResourceSettings:ref[] | ${JOB_OUT}`),
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
  declareMethod(
    'GetVHDSetInformation',
    `in VHDSetPath:string | in AdditionalInformation:u32[] | out Information:string embedded | ${JOB_OUT}`,
  ),
  declareMethod(
    'GetVHDSnapshotInformation',
    `in VHDSetPath:string | in SnapshotIds:string[] | in AdditionalInformation:u32[] |
     out SnapshotInformation:string[] embedded | ${JOB_OUT}`,
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

const JOB_METHODS = [
  declareMethod(
    'RequestStateChange',
    `in RequestedState:u16 | ${JOB_OUT} | in TimeoutPeriod:interval`,
  ),
  declareMethod('GetError', 'out Error:string embedded'),
  declareMethod('GetErrorEx', 'out Errors:string[] embedded'),
];

const SYSTEM_METHODS = [
  declareMethod(
    'RequestStateChange',
    `in RequestedState:u16 | ${JOB_OUT} | in TimeoutPeriod:interval`,
  ),
];

const SHUTDOWN_METHODS = [
  declareMethod('InitiateShutdown', 'in Force:bool | in Reason:string'),
  declareMethod('InitiateReboot', 'in Force:bool | in Reason:string'),
];

/** Methods that the lab knows, by class; it answers some with “not supported”. */
export const METHODS: Readonly<Record<string, readonly CimMethodDeclaration[]>> = {
  Msvm_VirtualSystemManagementService: MANAGEMENT_METHODS,
  Msvm_VirtualSystemSnapshotService: SNAPSHOT_METHODS,
  Msvm_VirtualSystemReferencePointService: REFERENCE_POINT_METHODS,
  Msvm_ImageManagementService: IMAGE_METHODS,
  CIM_ConcreteJob: JOB_METHODS,
  Msvm_ComputerSystem: SYSTEM_METHODS,
  Msvm_ShutdownComponent: SHUTDOWN_METHODS,
};
