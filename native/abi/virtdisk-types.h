/*
 * virtdisk-types.h: the structures of the virtual disk API (virtdisk.dll), in fixed-width types, for x64 and ARM64.
 *
 * A version or an information class at offset 0 selects the arm of the union. Enumerations and BOOL are int32_t. The virtdisk.h
 * of MinGW-w64 10 lacks PhysicalSectorSizeInBytes in the second arm of CREATE_VIRTUAL_DISK_PARAMETERS, and all later arms.
 * virtdisk-layout.def has the offsets that must come out.
 */
#ifndef RP_VIRTDISK_TYPES_H
#define RP_VIRTDISK_TYPES_H

#include "win32-types.h"

typedef struct {
  uint32_t DeviceId;
  RP_GUID VendorId;
} RP_VIRTUAL_STORAGE_TYPE;

typedef struct {
  int32_t Version;
  union {
    struct {
      uint32_t RWDepth;
    } Version1;
    struct {
      int32_t GetInfoOnly;
      int32_t ReadOnly;
      RP_GUID ResiliencyGuid;
    } Version2;
    struct {
      int32_t GetInfoOnly;
      int32_t ReadOnly;
      RP_GUID ResiliencyGuid;
      RP_GUID SnapshotId;
    } Version3;
  };
} RP_OPEN_VIRTUAL_DISK_PARAMETERS;

typedef struct {
  int32_t Version;
  union {
    struct {
      uint32_t Reserved;
    } Version1;
    struct {
      uint64_t RestrictedOffset;
      uint64_t RestrictedLength;
    } Version2;
  };
} RP_ATTACH_VIRTUAL_DISK_PARAMETERS;

/* Version 2 of CREATE_VIRTUAL_DISK_PARAMETERS, with which the later versions begin. */
#define RP_CREATE_VERSION2_FIELDS \
  RP_GUID UniqueId; \
  uint64_t MaximumSize; \
  uint32_t BlockSizeInBytes; \
  uint32_t SectorSizeInBytes; \
  uint32_t PhysicalSectorSizeInBytes; \
  RP_PCWSTR ParentPath; \
  RP_PCWSTR SourcePath; \
  int32_t OpenFlags; \
  RP_VIRTUAL_STORAGE_TYPE ParentVirtualStorageType; \
  RP_VIRTUAL_STORAGE_TYPE SourceVirtualStorageType; \
  RP_GUID ResiliencyGuid;

typedef struct {
  int32_t Version;
  union {
    struct {
      RP_GUID UniqueId;
      uint64_t MaximumSize;
      uint32_t BlockSizeInBytes;
      uint32_t SectorSizeInBytes;
      RP_PCWSTR ParentPath;
      RP_PCWSTR SourcePath;
    } Version1;
    struct {
      RP_CREATE_VERSION2_FIELDS
    } Version2;
    struct {
      RP_CREATE_VERSION2_FIELDS
      RP_PCWSTR SourceLimitPath;
      RP_VIRTUAL_STORAGE_TYPE BackingStorageType;
    } Version3;
    struct {
      RP_CREATE_VERSION2_FIELDS
      RP_PCWSTR SourceLimitPath;
      RP_VIRTUAL_STORAGE_TYPE BackingStorageType;
      RP_GUID PmemAddressAbstractionType;
      uint64_t DataAlignment;
    } Version4;
  };
} RP_CREATE_VIRTUAL_DISK_PARAMETERS;

typedef struct {
  int32_t Version;
  union {
    struct {
      uint64_t VirtualSize;
      uint64_t PhysicalSize;
      uint32_t BlockSize;
      uint32_t SectorSize;
    } Size;
    RP_GUID Identifier;
    /* The text goes on behind the structure. Unresolved, it is a list of texts that ends with an empty one. */
    struct {
      int32_t ParentResolved;
      uint16_t ParentLocationBuffer[1];
    } ParentLocation;
    RP_GUID ParentIdentifier;
    uint32_t ParentTimestamp;
    RP_VIRTUAL_STORAGE_TYPE VirtualStorageType;
    uint32_t ProviderSubtype;
    int32_t Is4kAligned;
    int32_t IsLoaded;
    struct {
      uint32_t LogicalSectorSize;
      uint32_t PhysicalSectorSize;
      int32_t IsRemote;
    } PhysicalDisk;
    uint32_t VhdPhysicalSectorSize;
    uint64_t SmallestSafeVirtualSize;
    uint32_t FragmentationPercentage;
    RP_GUID VirtualDiskId;
    /* The text goes on behind the structure. */
    struct {
      int32_t Enabled;
      int32_t NewerChanges;
      uint16_t MostRecentId[1];
    } ChangeTrackingState;
  };
} RP_GET_VIRTUAL_DISK_INFO;

typedef struct {
  int32_t Version;
  union {
    RP_PCWSTR ParentFilePath;
    RP_GUID UniqueIdentifier;
    struct {
      uint32_t ChildDepth;
      RP_PCWSTR ParentFilePath;
    } ParentPathWithDepthInfo;
    uint32_t VhdPhysicalSectorSize;
    RP_GUID VirtualDiskId;
    int32_t ChangeTrackingEnabled;
    struct {
      RP_GUID LinkageId;
      RP_PCWSTR ParentFilePath;
    } ParentLocator;
  };
} RP_SET_VIRTUAL_DISK_INFO;

typedef struct {
  uint64_t ByteOffset;
  uint64_t ByteLength;
  uint64_t Reserved;
} RP_QUERY_CHANGES_VIRTUAL_DISK_RANGE;

typedef struct {
  uint32_t OperationStatus;
  uint64_t CurrentValue;
  uint64_t CompletionValue;
} RP_VIRTUAL_DISK_PROGRESS;

#endif
