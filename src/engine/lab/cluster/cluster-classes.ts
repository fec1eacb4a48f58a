/** Classes of root/MSCluster that name the nodes of a cluster and the owners of its VMs. Keys, and the name of the class of private properties, are UNCONFIRMED. */
export const CLUSTER_CLASSES = `
CIM_ManagedSystemElement | Caption:string Description:string InstallDate:datetime Name:string Status:string
CIM_LogicalElement < CIM_ManagedSystemElement |
CIM_System < CIM_LogicalElement | CreationClassName:string Name:string NameFormat:string
    PrimaryOwnerContact:string PrimaryOwnerName:string Roles:string[]
CIM_ComputerSystem < CIM_System | Dedicated:u16[] IdentifyingDescriptions:string[] Name:string!
    OtherIdentifyingInfo:string[]
CIM_Cluster < CIM_ComputerSystem | MaxNumberOfNodes:u32
MSCluster_Cluster < CIM_Cluster | AddEvictDelay:u32 AdminAccessPoint:u32 AdminExtensions:string[]
    AutoAssignNodeSite:u32 AutoBalancerLevel:u32 AutoBalancerMode:u32 BackupInProgress:u32 BlockCacheSize:u32
    ClusSvcHangTimeout:u32 ClusSvcRegroupOpeningTimeout:u32 ClusSvcRegroupPruningTimeout:u32
    ClusSvcRegroupStageTimeout:u32 ClusSvcRegroupTickInMilliseconds:u32 ClusterEnforcedAntiAffinity:u32
    ClusterFunctionalLevel:u32 ClusterGroupWaitDelay:u32 ClusterLogLevel:u32 ClusterLogSize:u32
    ClusterUpgradeVersion:u32 CrossSiteDelay:u32 CrossSiteThreshold:u32 CrossSubnetDelay:u32
    CrossSubnetThreshold:u32 CsvBalancer:u32 DatabaseReadWriteMode:u32 DefaultNetworkRole:u32
    DetectManagedEvents:u32 DetectManagedEventsThreshold:u32 DetectedCloudPlatform:u32
    DisableGroupPreferredOwnerRandomization:u32 DrainOnShutdown:u32 DumpPolicy:u64 DynamicQuorumEnabled:u32
    EnableSharedVolumes:u32 EnabledEventLogs:string[] FixQuorum:u32 Fqdn:string GracePeriodEnabled:u32
    GracePeriodTimeout:u32 GroupAdminExtensions:string[] GroupDependencyTimeout:u32 HangRecoveryAction:u32
    IgnorePersistentStateOnStartup:u32 LogResourceControls:u32 LowerQuorumPriorityNodeId:u32
    MaintenanceFile:string MessageBufferLength:u32 MinimumNeverPreemptPriority:u32
    MinimumPreemptorPriority:u32 NetftIPSecEnabled:u32 NetworkAdminExtensions:string[]
    NetworkInterfaceAdminExtensions:string[] NetworkPriorities:string[] NodeAdminExtensions:string[]
    PlacementOptions:u32 PlumbAllCrossSubnetRoutes:u32 PreferredSite:string PreventQuorum:u32
    PrivateProperties:object QuarantineDuration:u32 QuarantineThreshold:u32 QuorumArbitrationTimeMax:u32
    QuorumArbitrationTimeMin:u32 QuorumLogFileSize:u32 QuorumPath:string QuorumType:string QuorumTypeValue:u32
    RecentEventsResetTime:datetime RequestReplyTimeout:u32 ResiliencyDefaultPeriod:u32 ResiliencyLevel:u32
    ResourceAdminExtensions:string[] ResourceDllDeadlockPeriod:u32 ResourceTypeAdminExtensions:string[]
    RootMemoryReserved:u32 RouteHistoryLength:u32 S2DBusTypes:u32 S2DCacheBehavior:u64
    S2DCacheDesiredState:u32 S2DCacheDeviceModel:string[] S2DCacheFlashReservePercent:u32
    S2DCacheMetadataReserveBytes:u64 S2DCachePageSizeKBytes:u32 S2DEnabled:u32 S2DIOLatencyThreshold:u32
    S2DOptimizations:u32 SameSubnetDelay:u32 SameSubnetThreshold:u32 Security:u8[] SecurityLevel:u32
    SecurityLevelForStorage:u32 Security_Descriptor:u8[] SharedVolumeCompatibleFilters:string[]
    SharedVolumeIncompatibleFilters:string[] SharedVolumeSecurityDescriptor:u8[]
    SharedVolumeVssWriterOperationTimeout:u32 SharedVolumesRoot:string ShutdownTimeoutInMinutes:u32
    UseClientAccessNetworksForSharedVolumes:u32 WitnessDatabaseWriteTimeout:u32 WitnessDynamicWeight:u32
    WitnessRestartInterval:u32
CIM_UnitaryComputerSystem < CIM_ComputerSystem | InitialLoadInfo:string[] LastLoadInfo:string
    PowerManagementCapabilities:u16[] PowerManagementSupported:bool PowerState:u16 ResetCapability:u16
MSCluster_Node < CIM_UnitaryComputerSystem | BuildNumber:u32 CSDVersion:string Characteristics:u32
    DetectedCloudPlatform:u32 DynamicWeight:u32 FaultDomain:string[] FaultDomainId:string Flags:u32 Id:string
    MajorVersion:u32 MinorVersion:u32 NeedsPreventQuorum:u32 NodeDrainStatus:u32 NodeDrainTarget:string
    NodeHighestVersion:u32 NodeInstanceID:string NodeLowestVersion:u32 NodeWeight:u32 PrivateProperties:object
    State:u32 StatusInformation:u32
MSCluster_LogicalElement < CIM_LogicalElement | Characteristics:u32 Flags:u32 Name:string!
MSCluster_ResourceGroup < MSCluster_LogicalElement | AntiAffinityClassNames:string[] AutoFailbackType:u32
    CCFEpoch:u64 CCFEpochHigh:u64 ColdStartSetting:u32 DefaultOwner:u32 FailbackWindowEnd:s32
    FailbackWindowStart:s32 FailoverPeriod:u32 FailoverThreshold:u32 FaultDomain:u32 GroupType:u32 Id:string
    IsCore:bool OwnerNode:string PersistentState:bool PlacementOptions:u32 PreferredSite:string[] Priority:u32
    PrivateProperties:object ResiliencyPeriod:u32 State:u32 StatusInformation:u64 UpdateDomain:u32
MSCluster_Resource < MSCluster_LogicalElement | CoreResource:bool CryptoCheckpoints:string[]
    DeadlockTimeout:u32 DeleteRequiresAllNodes:bool EmbeddedFailureAction:u32 Id:string
    IsAlivePollInterval:u32 IsClusterSharedVolume:bool LastOperationStatusCode:u64 LocalQuorumCapable:bool
    LooksAlivePollInterval:u32 MonitorProcessId:u32 OwnerGroup:string OwnerNode:string PendingTimeout:u32
    PersistentState:bool PrivateProperties:object QuorumCapable:bool RegistryCheckpoints:string[]
    RequiredDependencyClasses:u32[] RequiredDependencyTypes:string[] ResourceClass:u32
    ResourceSpecificData1:u64 ResourceSpecificData2:u64 ResourceSpecificStatus:string RestartAction:u32
    RestartDelay:u32 RestartPeriod:u32 RestartThreshold:u32 RetryPeriodOnFailure:u32 SeparateMonitor:bool
    State:u32 StatusInformation:u64 Subclass:u32 Type:string
CIM_Component | GroupComponent:ref! PartComponent:ref!
MSCluster_NodeToActiveGroup < CIM_Component |
MSCluster_ResourceGroupToResource < CIM_Component |
MSCluster_NodeToActiveResource < CIM_Component |
MSCluster_Property | VmID:string VmStoreRootPath:string
`;
