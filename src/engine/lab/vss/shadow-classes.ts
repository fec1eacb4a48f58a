/** Classes of VSS in root/cimv2, with all properties of Server 2019. */
export const SHADOW_CLASSES = `
Win32_ShadowCopy < CIM_LogicalElement | ClientAccessible:bool Count:u32 DeviceObject:string Differential:bool
    ExposedLocally:bool ExposedName:string ExposedPath:string ExposedRemotely:bool HardwareAssisted:bool
    ID:string! Imported:bool NoAutoRelease:bool NotSurfaced:bool NoWriters:bool OriginatingMachine:string
    Persistent:bool Plex:bool ProviderID:string ServiceMachine:string SetID:string State:u32
    Transportable:bool VolumeName:string
Win32_Volume < CIM_LogicalDevice | Access:u16 Automount:bool BlockSize:u64 BootVolume:bool Capacity:u64
    Compressed:bool DeviceID:string! DirtyBitSet:bool DriveLetter:string DriveType:u32 FileSystem:string
    FreeSpace:u64 IndexingEnabled:bool Label:string MaximumFileNameLength:u32 NumberOfBlocks:u64
    PageFilePresent:bool QuotasEnabled:bool QuotasIncomplete:bool QuotasRebuilding:bool SerialNumber:u32
    SupportsDiskQuotas:bool SupportsFileBasedCompression:bool SystemVolume:bool
Win32_Directory | Caption:string Description:string Drive:string EightDotThreeFileName:string
    FileType:string Name:string! Path:string Readable:bool Writeable:bool
Win32_MountPoint | Directory:ref! Volume:ref!
Win32_ShadowStorage | AllocatedSpace:u64 DiffVolume:ref! MaxSpace:u64 UsedSpace:u64 Volume:ref!
`;
