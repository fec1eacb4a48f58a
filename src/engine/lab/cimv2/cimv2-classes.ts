/** Classes of root/cimv2 in which clients read the host, with all properties of Server 2019. */
export const CIMV2_CLASSES = `
CIM_ManagedSystemElement | Caption:string Description:string InstallDate:datetime Name:string Status:string
CIM_LogicalElement < CIM_ManagedSystemElement |
CIM_OperatingSystem < CIM_LogicalElement | CSCreationClassName:string! CSName:string!
    CreationClassName:string! CurrentTimeZone:s16 Distributed:bool FreePhysicalMemory:u64
    FreeSpaceInPagingFiles:u64 FreeVirtualMemory:u64 LastBootUpTime:datetime LocalDateTime:datetime
    MaxNumberOfProcesses:u32 MaxProcessMemorySize:u64 Name:string! NumberOfLicensedUsers:u32
    NumberOfProcesses:u32 NumberOfUsers:u32 OSType:u16 OtherTypeDescription:string SizeStoredInPagingFiles:u64
    TotalSwapSpaceSize:u64 TotalVirtualMemorySize:u64 TotalVisibleMemorySize:u64 Version:string
Win32_OperatingSystem < CIM_OperatingSystem | BootDevice:string BuildNumber:string BuildType:string
    CSDVersion:string CodeSet:string CountryCode:string DataExecutionPrevention_32BitApplications:bool
    DataExecutionPrevention_Available:bool DataExecutionPrevention_Drivers:bool
    DataExecutionPrevention_SupportPolicy:u8 Debug:bool EncryptionLevel:u32 ForegroundApplicationBoost:u8
    LargeSystemCache:u32 Locale:string MUILanguages:string[] Manufacturer:string OSArchitecture:string
    OSLanguage:u32 OSProductSuite:u32 OperatingSystemSKU:u32 Organization:string PAEEnabled:bool
    PlusProductID:string PlusVersionNumber:string PortableOperatingSystem:bool Primary:bool ProductType:u32
    RegisteredUser:string SerialNumber:string ServicePackMajorVersion:u16 ServicePackMinorVersion:u16
    SuiteMask:u32 SystemDevice:string SystemDirectory:string SystemDrive:string WindowsDirectory:string
CIM_System < CIM_LogicalElement | CreationClassName:string Name:string NameFormat:string
    PrimaryOwnerContact:string PrimaryOwnerName:string Roles:string[]
CIM_ComputerSystem < CIM_System | Name:string!
CIM_UnitaryComputerSystem < CIM_ComputerSystem | InitialLoadInfo:string[] LastLoadInfo:string
    PowerManagementCapabilities:u16[] PowerManagementSupported:bool PowerState:u16 ResetCapability:u16
Win32_ComputerSystem < CIM_UnitaryComputerSystem | AdminPasswordStatus:u16 AutomaticManagedPagefile:bool
    AutomaticResetBootOption:bool AutomaticResetCapability:bool BootOptionOnLimit:u16 BootOptionOnWatchDog:u16
    BootROMSupported:bool BootStatus:u16[] BootupState:string ChassisBootupState:u16 ChassisSKUNumber:string
    CurrentTimeZone:s16 DNSHostName:string DaylightInEffect:bool Domain:string DomainRole:u16
    EnableDaylightSavingsTime:bool FrontPanelResetStatus:u16 HypervisorPresent:bool InfraredSupported:bool
    KeyboardPasswordStatus:u16 Manufacturer:string Model:string NetworkServerModeEnabled:bool
    NumberOfLogicalProcessors:u32 NumberOfProcessors:u32 OEMLogoBitmap:u8[] OEMStringArray:string[]
    PCSystemType:u16 PCSystemTypeEx:u16 PartOfDomain:bool PauseAfterReset:s64 PowerOnPasswordStatus:u16
    PowerSupplyState:u16 ResetCount:s16 ResetLimit:s16 SupportContactDescription:string[] SystemFamily:string
    SystemSKUNumber:string SystemStartupDelay:u16 SystemStartupOptions:string[] SystemStartupSetting:u8
    SystemType:string ThermalState:u16 TotalPhysicalMemory:u64 UserName:string WakeUpType:u16 Workgroup:string
CIM_Product | Caption:string Description:string IdentifyingNumber:string! Name:string! SKUNumber:string
    Vendor:string Version:string!
Win32_ComputerSystemProduct < CIM_Product | UUID:string
CIM_LogicalDevice < CIM_LogicalElement | Availability:u16 ConfigManagerErrorCode:u32
    ConfigManagerUserConfig:bool CreationClassName:string DeviceID:string ErrorCleared:bool
    ErrorDescription:string LastErrorCode:u32 PNPDeviceID:string PowerManagementCapabilities:u16[]
    PowerManagementSupported:bool StatusInfo:u16 SystemCreationClassName:string SystemName:string
CIM_Processor < CIM_LogicalDevice | AddressWidth:u16 CurrentClockSpeed:u32 DataWidth:u16 DeviceID:string!
    Family:u16 LoadPercentage:u16 MaxClockSpeed:u32 OtherFamilyDescription:string Role:string Stepping:string
    UniqueId:string UpgradeMethod:u16
Win32_Processor < CIM_Processor | Architecture:u16 AssetTag:string Characteristics:u32 CpuStatus:u16
    CurrentVoltage:u16 ExtClock:u32 L2CacheSize:u32 L2CacheSpeed:u32 L3CacheSize:u32 L3CacheSpeed:u32
    Level:u16 Manufacturer:string NumberOfCores:u32 NumberOfEnabledCore:u32 NumberOfLogicalProcessors:u32
    PartNumber:string ProcessorId:string ProcessorType:u16 Revision:u16
    SecondLevelAddressTranslationExtensions:bool SerialNumber:string SocketDesignation:string ThreadCount:u32
    VMMonitorModeExtensions:bool Version:string VirtualizationFirmwareEnabled:bool VoltageCaps:u32
CIM_Component | GroupComponent:ref! PartComponent:ref!
CIM_SystemComponent < CIM_Component |
CIM_SystemDevice < CIM_SystemComponent |
Win32_SystemDevices < CIM_SystemDevice |
Win32_ComputerSystemProcessor < Win32_SystemDevices |
`;
