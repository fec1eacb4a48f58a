/** Reference points, and the objects that methods receive and return as text. One class begins each row that is not indented (declare.ts). */
export const BACKUP_CLASSES = `
Msvm_VirtualSystemExportSettingData < CIM_SettingData | BackupIntent:u8 CaptureLiveState:u8
    CopySnapshotConfiguration:u8 CopyVmRuntimeInformation:bool CopyVmStorage:bool
    CreateVmExportSubdirectory:bool DifferentialBackupBase:string DisableDifferentialOfIgnoredStorage:bool
    ExcludedVirtualHardDisks:string[] ExportForLiveMigration:bool SnapshotVirtualSystem:string
Msvm_DiskMergeSettingData < CIM_SettingData | EnabledState:u32
Msvm_VirtualSystemSnapshotSettingData < CIM_SettingData | ConsistencyLevel:u8 GuestBackupType:u8
    IgnoreNonSnapshottableDisks:bool
Msvm_VirtualSystemReferencePoint < CIM_ManagedElement | ConsistencyLevel:u16 HasAssociatedData:bool
    InstanceID:string! ReferencePointType:u16 ResilientChangeTrackingIdentifiers:string[]
    VirtualDiskIdentifiers:string[] VirtualSystemIdentifier:string!
Msvm_VirtualSystemReferencePointSettingData < CIM_SettingData | ConsistencyLevel:u8
Msvm_VirtualHardDiskSettingData < CIM_SettingData | BlockSize:u32 DataAlignment:u64 Format:u16
    IsPmemCompatible:bool LogicalSectorSize:u32 MaxInternalSize:u64 ParentIdentifier:string ParentPath:string
    ParentTimestamp:datetime Path:string PhysicalSectorSize:u32 PmemAddressAbstractionType:u16 Type:u16
    VirtualDiskId:string
Msvm_VirtualHardDiskState | Alignment:u32 FileSize:u64 FragmentationPercentage:u32 InUse:bool
    MinInternalSize:u64 PhysicalSectorSize:u32 Timestamp:datetime
CIM_Error | CIMStatusCode:u32 CIMStatusCodeDescription:string ErrorSource:string ErrorSourceFormat:u16
    ErrorType:u16 Message:string MessageArguments:string[] MessageID:string OtherErrorSourceFormat:string
    OtherErrorType:string OwningEntity:string PerceivedSeverity:u16 ProbableCause:u16
    ProbableCauseDescription:string RecommendedActions:string[]
Msvm_Error < CIM_Error |
CIM_View < CIM_ManagedElement |
Msvm_SummaryInformationBase < CIM_View | CreationTime:datetime EnabledState:u16 EnhancedSessionModeState:u16
    HealthState:u16 HostComputerSystemName:string Name:string Notes:string NumberOfProcessors:u16
    OperationalStatus:u16[] OtherEnabledState:string StatusDescriptions:string[] UpTime:u64 Version:string
    VirtualSwitchNames:string[] VirtualSystemSubType:u16
Msvm_SummaryInformation < Msvm_SummaryInformationBase | AllocatedGPU:string ApplicationHealth:u16
    AsynchronousTasks:u16[] AvailableMemoryBuffer:s32 GuestOperatingSystem:string Heartbeat:u16
    HypervisorPartitionId:u64 IntegrationServicesVersionState:u16 MemoryAvailable:s32
    MemorySpansPhysicalNumaNodes:bool MemoryUsage:u64 ProcessorLoad:u16 ProcessorLoadHistory:u16[]
    ReplicationHealth:u16 ReplicationHealthEx:u16[] ReplicationMode:u16 ReplicationProviderId:string[]
    ReplicationState:u16 ReplicationStateEx:u16[] Shielded:bool Snapshots:u16[] SwapFilesInUse:bool
    TestReplicaSystem:u16 ThumbnailImage:u8[] ThumbnailImageHeight:u16 ThumbnailImageWidth:u16
Msvm_KvpExchangeDataItem < CIM_ManagedElement | Data:string Name:string Source:u16
`;
