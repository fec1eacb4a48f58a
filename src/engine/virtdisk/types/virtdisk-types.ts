import type { CStruct } from '../../win32/types/c-type.ts';
import { GUID } from '../../win32/types/win32-types.ts';

/**
 * Types of virtdisk.h (Windows SDK), for x64 and ARM64. The headers of MinGW-w64 10 lack members of
 * CREATE_VIRTUAL_DISK_PARAMETERS and versions of others: `native/abi` has the whole types.
 */

export const VIRTUAL_STORAGE_TYPE: CStruct = {
  name: 'VIRTUAL_STORAGE_TYPE',
  members: { DeviceId: 'uint32_t', VendorId: GUID },
};

const OPEN_VERSION_2 = {
  GetInfoOnly: 'int32_t',
  ReadOnly: 'int32_t',
  ResiliencyGuid: GUID,
} as const;

export const OPEN_VIRTUAL_DISK_PARAMETERS: CStruct = {
  name: 'OPEN_VIRTUAL_DISK_PARAMETERS',
  members: { Version: 'int32_t' },
  union: {
    Version1: { name: 'OPEN_V1', members: { RWDepth: 'uint32_t' } },
    Version2: { name: 'OPEN_V2', members: OPEN_VERSION_2 },
    Version3: { name: 'OPEN_V3', members: { ...OPEN_VERSION_2, SnapshotId: GUID } },
  },
};

export const ATTACH_VIRTUAL_DISK_PARAMETERS: CStruct = {
  name: 'ATTACH_VIRTUAL_DISK_PARAMETERS',
  members: { Version: 'int32_t' },
  union: {
    Version1: { name: 'ATTACH_V1', members: { Reserved: 'uint32_t' } },
    Version2: {
      name: 'ATTACH_V2',
      members: { RestrictedOffset: 'uint64_t', RestrictedLength: 'uint64_t' },
    },
  },
};

const CREATE_VERSION_2 = {
  UniqueId: GUID,
  MaximumSize: 'uint64_t',
  BlockSizeInBytes: 'uint32_t',
  SectorSizeInBytes: 'uint32_t',
  PhysicalSectorSizeInBytes: 'uint32_t',
  ParentPath: 'void *',
  SourcePath: 'void *',
  OpenFlags: 'int32_t',
  ParentVirtualStorageType: VIRTUAL_STORAGE_TYPE,
  SourceVirtualStorageType: VIRTUAL_STORAGE_TYPE,
  ResiliencyGuid: GUID,
} as const;

const CREATE_VERSION_3 = {
  ...CREATE_VERSION_2,
  SourceLimitPath: 'void *',
  BackingStorageType: VIRTUAL_STORAGE_TYPE,
} as const;

const CREATE_VERSION_4 = {
  ...CREATE_VERSION_3,
  PmemAddressAbstractionType: GUID,
  DataAlignment: 'uint64_t',
} as const;

export const CREATE_VIRTUAL_DISK_PARAMETERS: CStruct = {
  name: 'CREATE_VIRTUAL_DISK_PARAMETERS',
  members: { Version: 'int32_t' },
  union: {
    Version1: {
      name: 'CREATE_V1',
      members: {
        UniqueId: GUID,
        MaximumSize: 'uint64_t',
        BlockSizeInBytes: 'uint32_t',
        SectorSizeInBytes: 'uint32_t',
        ParentPath: 'void *',
        SourcePath: 'void *',
      },
    },
    Version2: { name: 'CREATE_V2', members: CREATE_VERSION_2 },
    Version3: { name: 'CREATE_V3', members: CREATE_VERSION_3 },
    Version4: { name: 'CREATE_V4', members: CREATE_VERSION_4 },
  },
};

export const GET_VIRTUAL_DISK_INFO: CStruct = {
  name: 'GET_VIRTUAL_DISK_INFO',
  members: { Version: 'int32_t' },
  union: {
    Size: {
      name: 'GET_SIZE',
      members: {
        VirtualSize: 'uint64_t',
        PhysicalSize: 'uint64_t',
        BlockSize: 'uint32_t',
        SectorSize: 'uint32_t',
      },
    },
    Identifier: GUID,
    ParentLocation: {
      name: 'GET_PARENT_LOCATION',
      // A text, or several with an empty one behind them, begins here.
      members: { ParentResolved: 'int32_t', ParentLocationBuffer: 'uint16_t' },
    },
    ParentIdentifier: GUID,
    ParentTimestamp: 'uint32_t',
    VirtualStorageType: VIRTUAL_STORAGE_TYPE,
    ProviderSubtype: 'uint32_t',
    Is4kAligned: 'int32_t',
    IsLoaded: 'int32_t',
    PhysicalDisk: {
      name: 'GET_PHYSICAL_DISK',
      members: {
        LogicalSectorSize: 'uint32_t',
        PhysicalSectorSize: 'uint32_t',
        IsRemote: 'int32_t',
      },
    },
    VhdPhysicalSectorSize: 'uint32_t',
    SmallestSafeVirtualSize: 'uint64_t',
    FragmentationPercentage: 'uint32_t',
    VirtualDiskId: GUID,
    ChangeTrackingState: {
      name: 'GET_CHANGE_TRACKING_STATE',
      // The text begins here.
      members: { Enabled: 'int32_t', NewerChanges: 'int32_t', MostRecentId: 'uint16_t' },
    },
  },
};

export const SET_VIRTUAL_DISK_INFO: CStruct = {
  name: 'SET_VIRTUAL_DISK_INFO',
  members: { Version: 'int32_t' },
  union: {
    ParentFilePath: 'void *',
    UniqueIdentifier: GUID,
    ParentPathWithDepthInfo: {
      name: 'SET_PARENT_PATH_WITH_DEPTH',
      members: { ChildDepth: 'uint32_t', ParentFilePath: 'void *' },
    },
    VhdPhysicalSectorSize: 'uint32_t',
    VirtualDiskId: GUID,
    ChangeTrackingEnabled: 'int32_t',
    ParentLocator: {
      name: 'SET_PARENT_LOCATOR',
      members: { LinkageId: GUID, ParentFilePath: 'void *' },
    },
  },
};

export const QUERY_CHANGES_VIRTUAL_DISK_RANGE: CStruct = {
  name: 'QUERY_CHANGES_VIRTUAL_DISK_RANGE',
  members: { ByteOffset: 'uint64_t', ByteLength: 'uint64_t', Reserved: 'uint64_t' },
};

export const VIRTUAL_DISK_PROGRESS: CStruct = {
  name: 'VIRTUAL_DISK_PROGRESS',
  members: { OperationStatus: 'uint32_t', CurrentValue: 'uint64_t', CompletionValue: 'uint64_t' },
};
