/** Settings of virtual machines and of their hardware. One class begins each row that is not indented (declare.ts). */
export const SETTING_CLASSES = `
CIM_SettingData < CIM_ManagedElement | InstanceID:string!
CIM_VirtualSystemSettingData < CIM_SettingData | AutomaticRecoveryAction:u16 AutomaticShutdownAction:u16
    AutomaticStartupAction:u16 AutomaticStartupActionDelay:interval AutomaticStartupActionSequenceNumber:u16
    ConfigurationDataRoot:string ConfigurationFile:string ConfigurationID:string CreationTime:datetime
    LogDataRoot:string Notes:string[] RecoveryFile:string SnapshotDataRoot:string SuspendDataRoot:string
    SwapFileDataRoot:string VirtualSystemIdentifier:string VirtualSystemType:string
Msvm_VirtualSystemSettingData < CIM_VirtualSystemSettingData | AdditionalRecoveryInformation:string
    AllowFullSCSICommandSet:bool AllowReducedFcRedundancy:bool Architecture:u16
    AutomaticCriticalErrorAction:u16 AutomaticCriticalErrorActionTimeout:interval
    AutomaticSnapshotsEnabled:bool BIOSGUID:string BIOSNumLock:bool BIOSSerialNumber:string
    BaseBoardSerialNumber:string BootOrder:u16[] BootSourceOrder:string[] ChassisAssetTag:string
    ChassisSerialNumber:string ConsoleMode:u16 DebugChannelId:u32 DebugPort:u32 DebugPortEnabled:u16
    EnableHibernation:bool EnhancedSessionTransportType:u16 GuestControlledCacheTypes:bool
    GuestStateDataRoot:string GuestStateFile:string HighMmioGapBase:u64 HighMmioGapSize:u64
    IncrementalBackupEnabled:bool IsAutomaticSnapshot:bool IsSaved:bool LockOnDisconnect:bool
    LowMmioGapSize:u64 NetworkBootPreferredProtocol:u16 Parent:string PauseAfterBootFailure:bool
    SecureBootEnabled:bool SecureBootTemplateId:string TurnOffOnGuestRestart:bool UserSnapshotType:u16
    Version:string VirtualNumaEnabled:bool VirtualSystemSubType:string
CIM_VirtualEthernetSwitchSettingData < CIM_VirtualSystemSettingData | AssociatedResourcePool:string[]
    MaxNumMACAddress:u32 VLANConnection:string[]
Msvm_VirtualEthernetSwitchSettingData < CIM_VirtualEthernetSwitchSettingData | BandwidthReservationMode:u32
    ExtensionOrder:string[] IOVPreferred:bool PacketDirectEnabled:bool TeamingEnabled:bool
CIM_ResourceAllocationSettingData < CIM_SettingData | Address:string AddressOnParent:string
    AllocationUnits:string AutomaticAllocation:bool AutomaticDeallocation:bool Connection:string[]
    ConsumerVisibility:u16 HostResource:string[] Limit:u64 MappingBehavior:u16 OtherResourceType:string
    Parent:string PoolID:string Reservation:u64 ResourceSubType:string ResourceType:u16 VirtualQuantity:u64
    VirtualQuantityUnits:string Weight:u32
Msvm_ResourceAllocationSettingData < CIM_ResourceAllocationSettingData | VirtualSystemIdentifiers:string[]
CIM_StorageAllocationSettingData < CIM_ResourceAllocationSettingData | Access:u16 HostExtentName:string
    HostExtentNameFormat:u16 HostExtentNameNamespace:u16 HostExtentStartingAddress:u64
    HostResourceBlockSize:u64 OtherHostExtentNameFormat:string OtherHostExtentNameNamespace:string
    VirtualResourceBlockSize:u64
Msvm_StorageAllocationSettingData < CIM_StorageAllocationSettingData | CachingMode:u16
    IOPSAllocationUnits:string IOPSLimit:u64 IOPSReservation:u64 IgnoreFlushes:bool
    PersistentReservationsSupported:bool SnapshotId:string StorageQoSPolicyID:string WriteHardeningMethod:u16
Msvm_ProcessorSettingData < CIM_ResourceAllocationSettingData | CpuGroupId:string
    DisableSpeculationControls:bool EnableHostResourceProtection:bool EnablePerfmonLbr:bool
    EnablePerfmonPebs:bool EnablePerfmonPmu:bool ExposeVirtualizationExtensions:bool
    HideHypervisorPresent:bool HwThreadsPerCore:u64 LimitCPUID:bool LimitProcessorFeatures:bool
    MaxNumaNodesPerSocket:u64 MaxProcessorsPerNumaNode:u64
Msvm_MemorySettingData < CIM_ResourceAllocationSettingData | DynamicMemoryEnabled:bool HugePagesEnabled:bool
    IsVirtualized:bool MaxMemoryBlocksPerNumaNode:u64 SgxEnabled:bool SgxLaunchControlDefault:string
    SgxLaunchControlMode:u32 SgxSize:u64 SwapFilesInUse:bool TargetMemoryBuffer:u32
CIM_EthernetPortAllocationSettingData < CIM_ResourceAllocationSettingData | DesiredVLANEndpointMode:u16
    OtherEndpointMode:string
Msvm_SyntheticEthernetPortSettingData < CIM_EthernetPortAllocationSettingData | AllowPacketDirect:bool
    ClusterMonitored:bool DeviceNamingEnabled:bool InterruptModeration:bool MediaType:u32
    NumaAwarePlacement:bool StaticMacAddress:bool VirtualSystemIdentifiers:string[]
Msvm_EthernetPortAllocationSettingData < CIM_EthernetPortAllocationSettingData | CompartmentGuid:string
    EnabledState:u16 LastKnownSwitchName:string RequiredFeatureHints:string[] RequiredFeatures:string[]
    TestReplicaPoolID:string TestReplicaSwitchName:string
Msvm_SerialPortSettingData < CIM_ResourceAllocationSettingData | DebuggerMode:bool
Msvm_SyntheticDisplayControllerSettingData < CIM_ResourceAllocationSettingData | HorizontalResolution:u16
    ResolutionType:u8 VerticalResolution:u16
Msvm_ShutdownComponentSettingData < CIM_ResourceAllocationSettingData | EnabledState:u16
Msvm_VssComponentSettingData < CIM_ResourceAllocationSettingData | EnabledState:u16
Msvm_HeartbeatComponentSettingData < CIM_ResourceAllocationSettingData | EnabledState:u16 ErrorThreshold:u32
    Interval:u32 Latency:u32
Msvm_KvpExchangeComponentSettingData < CIM_ResourceAllocationSettingData | DisableHostKVPItems:bool
    EnabledState:u16 HostExchangeItems:string[] HostOnlyItems:string[]
Msvm_TimeSyncComponentSettingData < CIM_ResourceAllocationSettingData | EnabledState:u16
Msvm_GuestServiceInterfaceComponentSettingData < CIM_ResourceAllocationSettingData |
    DefaultEnabledStatePolicy:u16 EnabledState:u16
Msvm_BootSourceSettingData < CIM_SettingData | BootSourceDescription:string BootSourceType:u32
    FirmwareDevicePath:string OptionalData:u8[] OtherLocation:string
Msvm_SecuritySettingData < CIM_SettingData | BindToHostTpm:bool DataProtectionRequested:bool
    EncryptStateAndVmMigrationTraffic:bool KsdEnabled:bool ShieldingRequested:bool TpmEnabled:bool
    VirtualizationBasedSecurityOptOut:bool
Msvm_VirtualSystemManagementServiceSettingData < CIM_SettingData | BiosLockString:string
    CurrentWWNNAddress:string DefaultExternalDataRoot:string DefaultVirtualHardDiskCachingMode:u16
    DefaultVirtualHardDiskPath:string EnhancedSessionModeEnabled:bool HbaLunTimeout:u32
    HypervisorRootSchedulerEnabled:bool MaximumMacAddress:string MaximumWWPNAddress:string
    MinimumMacAddress:string MinimumWWPNAddress:string NumaSpanningEnabled:bool PrimaryOwnerContact:string
    PrimaryOwnerName:string
`;
