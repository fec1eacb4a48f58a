/** Devices of virtual machines, with the integration components. One class begins each row that is not indented (declare.ts). */
export const DEVICE_CLASSES = `
CIM_LogicalDevice < CIM_EnabledLogicalElement | AdditionalAvailability:u16[] Availability:u16
    CreationClassName:string! DeviceID:string! ErrorCleared:bool ErrorDescription:string
    IdentifyingDescriptions:string[] LastErrorCode:u32 MaxQuiesceTime:u64 OtherIdentifyingInfo:string[]
    PowerManagementCapabilities:u16[] PowerManagementSupported:bool PowerOnHours:u64 StatusInfo:u16
    SystemCreationClassName:string! SystemName:string! TotalPowerOnHours:u64
Msvm_ShutdownComponent < CIM_LogicalDevice |
Msvm_HeartbeatComponent < CIM_LogicalDevice |
Msvm_KvpExchangeComponent < CIM_LogicalDevice | GuestExchangeItems:string[]
    GuestIntrinsicExchangeItems:string[]
Msvm_VssComponent < CIM_LogicalDevice |
Msvm_TimeSyncComponent < CIM_LogicalDevice |
Msvm_GuestServiceInterfaceComponent < CIM_LogicalDevice |
CIM_MediaAccessDevice < CIM_LogicalDevice | Capabilities:u16[] CapabilityDescriptions:string[]
    CompressionMethod:string DefaultBlockSize:u64 ErrorMethodology:string LastCleaned:datetime LoadTime:u64
    MaxAccessTime:u64 MaxBlockSize:u64 MaxMediaSize:u64 MaxUnitsBeforeCleaning:u64 MediaIsLocked:bool
    MinBlockSize:u64 MountCount:u64 NeedsCleaning:bool NumberOfMediaSupported:u32 Security:u16
    TimeOfLastMount:string TotalMountTime:u64 UncompressedDataRate:u32 UnitsDescription:string UnitsUsed:u64
    UnloadTime:u64
CIM_DiskDrive < CIM_MediaAccessDevice |
Msvm_DiskDrive < CIM_DiskDrive | DriveNumber:u32
CIM_Controller < CIM_LogicalDevice | MaxNumberControlled:u32 ProtocolDescription:string ProtocolSupported:u16
    TimeOfLastReset:string
CIM_DisplayController < CIM_Controller | AcceleratorCapabilities:u16[] CapabilityDescriptions:string[]
    MaxMemorySupported:u32 NumberOfVideoPages:u32 OtherVideoArchitecture:string OtherVideoMemoryType:string
    VideoArchitecture:u16 VideoMemoryType:u16 VideoProcessor:string
Msvm_S3DisplayController < CIM_DisplayController |
Msvm_SyntheticDisplayController < CIM_DisplayController |
CIM_VideoHead < CIM_LogicalDevice | CurrentBitsPerPixel:u32 CurrentHorizontalResolution:u32
    CurrentNumberOfColors:u64 CurrentNumberOfColumns:u32 CurrentNumberOfRows:u32 CurrentRefreshRate:u32
    CurrentScanMode:u16 CurrentVerticalResolution:u32 MaxRefreshRate:u32 MinRefreshRate:u32
    OtherCurrentScanMode:string
Msvm_VideoHead < CIM_VideoHead |
CIM_UserDevice < CIM_LogicalDevice | IsLocked:bool
Msvm_Keyboard < CIM_UserDevice | Layout:string NumberOfFunctionKeys:u16 Password:u16 UnicodeSupported:bool
CIM_Processor < CIM_LogicalDevice | AddressWidth:u16 CPUStatus:u16 CurrentClockSpeed:u32 DataWidth:u16
    ExternalBusClockSpeed:u32 Family:u16 LoadPercentage:u16 MaxClockSpeed:u32 OtherFamilyDescription:string
    Role:string Stepping:string UniqueID:string UpgradeMethod:u16
Msvm_Processor < CIM_Processor | LoadPercentageHistory:u16[]
CIM_LogicalPort < CIM_LogicalDevice | MaxSpeed:u64 OtherPortType:string PortType:u16 RequestedSpeed:u64
    Speed:u64 UsageRestriction:u16
CIM_NetworkPort < CIM_LogicalPort | ActiveMaximumTransmissionUnit:u64 AutoSense:bool FullDuplex:bool
    LinkTechnology:u16 NetworkAddresses:string[] OtherLinkTechnology:string OtherNetworkPortType:string
    PermanentAddress:string PortNumber:u16 SupportedMaximumTransmissionUnit:u64
CIM_EthernetPort < CIM_NetworkPort | Capabilities:u16[] CapabilityDescriptions:string[]
    EnabledCapabilities:u16[] MaxDataSize:u32 OtherEnabledCapabilities:string[]
Msvm_SyntheticEthernetPort < CIM_EthernetPort |
`;
