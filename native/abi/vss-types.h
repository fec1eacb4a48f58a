/*
 * vss-types.h: the structures and values of VSS that cross the border of vssapi.dll, for x64. A type of Windows named X is RP_X.
 * vss-layout.def has the offsets that must come out; vss-interfaces.h has the interfaces.
 */
#ifndef RP_VSS_TYPES_H
#define RP_VSS_TYPES_H

#include "win32-types.h"

typedef RP_GUID RP_VSS_ID;

/* Enumerations of VSS have four bytes. */
typedef int32_t RP_VSS_COMPONENT_TYPE;
typedef int32_t RP_VSS_BACKUP_TYPE;
typedef int32_t RP_VSS_RESTORE_TYPE;
typedef int32_t RP_VSS_FILE_RESTORE_STATUS;
typedef int32_t RP_VSS_RESTORE_TARGET;
typedef int32_t RP_VSS_WRITER_STATE;
typedef int32_t RP_VSS_OBJECT_TYPE;
typedef int32_t RP_VSS_USAGE_TYPE;
typedef int32_t RP_VSS_SOURCE_TYPE;
typedef int32_t RP_VSS_RESTOREMETHOD_ENUM;
typedef int32_t RP_VSS_WRITERRESTORE_ENUM;

/* One shadow copy. VssFreeSnapshotPropertiesInternal frees the texts. */
typedef struct {
  RP_VSS_ID m_SnapshotId;
  RP_VSS_ID m_SnapshotSetId;
  int32_t m_lSnapshotsCount;
  uint16_t *m_pwszSnapshotDeviceObject;
  uint16_t *m_pwszOriginalVolumeName;
  uint16_t *m_pwszOriginatingMachine;
  uint16_t *m_pwszServiceMachine;
  uint16_t *m_pwszExposedName;
  uint16_t *m_pwszExposedPath;
  RP_VSS_ID m_ProviderId;
  int32_t m_lSnapshotAttributes;
  int64_t m_tsCreationTimestamp;
  int32_t m_eStatus;
} RP_VSS_SNAPSHOT_PROP;

/* A component of a writer. Texts are BSTRs; FreeComponentInfo frees all. Flags have one byte. */
typedef struct {
  RP_VSS_COMPONENT_TYPE type;
  uint16_t *bstrLogicalPath;
  uint16_t *bstrComponentName;
  uint16_t *bstrCaption;
  uint8_t *pbIcon;
  uint32_t cbIcon;
  uint8_t bRestoreMetadata;
  uint8_t bNotifyOnBackupComplete;
  uint8_t bSelectable;
  uint8_t bSelectableForRestore;
  uint32_t dwComponentFlags;
  uint32_t cFileCount;
  uint32_t cDatabases;
  uint32_t cLogFiles;
  uint32_t cDependencies;
} RP_VSS_COMPONENTINFO;

#endif
