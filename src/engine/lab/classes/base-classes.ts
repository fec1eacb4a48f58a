/** Classes of the CIM schema from which those of Hyper-V derive, and the systems. One class begins each row that is not indented (declare.ts). */
export const BASE_CLASSES = `
CIM_ManagedElement | Caption:string Description:string ElementName:string InstanceID:string
CIM_ManagedSystemElement < CIM_ManagedElement | CommunicationStatus:u16 DetailedStatus:u16 HealthState:u16
    InstallDate:datetime Name:string OperatingStatus:u16 OperationalStatus:u16[] PrimaryStatus:u16
    Status:string StatusDescriptions:string[]
CIM_LogicalElement < CIM_ManagedSystemElement |
CIM_EnabledLogicalElement < CIM_LogicalElement | AvailableRequestedStates:u16[] EnabledDefault:u16
    EnabledState:u16 OtherEnabledState:string RequestedState:u16 TimeOfLastStateChange:datetime
    TransitioningToState:u16
CIM_System < CIM_EnabledLogicalElement | CreationClassName:string! IdentifyingDescriptions:string[]
    Name:string! NameFormat:string OtherIdentifyingInfo:string[] PrimaryOwnerContact:string
    PrimaryOwnerName:string Roles:string[]
CIM_ComputerSystem < CIM_System | Dedicated:u16[] OtherDedicatedDescriptions:string[]
    PowerManagementCapabilities:u16[] ResetCapability:u16
Msvm_ComputerSystem < CIM_ComputerSystem | EnhancedSessionModeState:u16 FailedOverReplicationType:u16
    HwThreadsPerCoreRealized:u32 LastApplicationConsistentReplicationTime:datetime
    LastReplicationTime:datetime LastReplicationType:u16 LastSuccessfulBackupTime:datetime
    NumberOfNumaNodes:u16 OnTimeInMilliseconds:u64 ProcessID:u32 ReplicationHealth:u16 ReplicationMode:u16
    ReplicationState:u16 TimeOfLastConfigurationChange:datetime
Msvm_PlannedComputerSystem < CIM_ComputerSystem | AssignedNumaNodeList:u16[] OnTimeInMilliseconds:u64
    ProcessID:u32 TimeOfLastConfigurationChange:datetime
Msvm_VirtualEthernetSwitch < CIM_ComputerSystem | MaxIOVOffloads:u32 MaxVMQOffloads:u32
CIM_Service < CIM_EnabledLogicalElement | CreationClassName:string! Name:string! PrimaryOwnerContact:string
    PrimaryOwnerName:string StartMode:string Started:bool SystemCreationClassName:string! SystemName:string!
CIM_VirtualSystemManagementService < CIM_Service |
Msvm_VirtualSystemManagementService < CIM_VirtualSystemManagementService |
CIM_VirtualSystemSnapshotService < CIM_Service |
Msvm_VirtualSystemSnapshotService < CIM_VirtualSystemSnapshotService |
Msvm_ImageManagementService < CIM_Service |
Msvm_VirtualSystemReferencePointService < CIM_Service |
Msvm_VirtualEthernetSwitchManagementService < CIM_VirtualSystemManagementService |
Msvm_CollectionManagementService < CIM_Service |
Msvm_CollectionSnapshotService < CIM_Service |
Msvm_CollectionReferencePointService < CIM_Service |
Msvm_GuestService < CIM_Service |
Msvm_VssService < Msvm_GuestService |
CIM_Job < CIM_LogicalElement | DeleteOnCompletion:bool ElapsedTime:interval ErrorCode:u16
    ErrorDescription:string JobRunTimes:u32 JobStatus:string LocalOrUtcTime:u16 Notify:string
    OtherRecoveryAction:string Owner:string PercentComplete:u16 Priority:u32 RecoveryAction:u16 RunDay:s8
    RunDayOfWeek:s8 RunMonth:u8 RunStartInterval:interval ScheduledStartTime:datetime StartTime:datetime
    TimeSubmitted:datetime UntilTime:datetime
CIM_ConcreteJob < CIM_Job | InstanceID:string! JobState:u16 TimeBeforeRemoval:interval
    TimeOfLastStateChange:datetime
Msvm_ConcreteJob < CIM_ConcreteJob | Cancellable:bool ErrorSummaryDescription:string JobType:u16
Msvm_StorageJob < CIM_ConcreteJob | Cancellable:bool Child:string ErrorSummaryDescription:string
    JobCompletionStatusCode:u32 JobType:u16 Parent:string
`;
