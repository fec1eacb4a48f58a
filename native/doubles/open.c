/* OpenVirtualDisk and CreateVirtualDisk. */
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "handles.h"

#define ALL_OPEN_FLAGS 0xFFFu
#define ALL_CREATE_FLAGS 0x7FFu

/* Flags that the lab does not model. */
#define OPEN_FLAGS_WITHOUT_MODEL (RP_OPEN_VIRTUAL_DISK_FLAG_CUSTOM_DIFF_CHAIN | RP_OPEN_VIRTUAL_DISK_FLAG_VHDSET_FILE_ONLY)
#define CREATE_FLAGS_WITHOUT_MODEL                                    \
  (RP_CREATE_VIRTUAL_DISK_FLAG_USE_CHANGE_TRACKING_SOURCE_LIMIT |     \
   RP_CREATE_VIRTUAL_DISK_FLAG_PRESERVE_PARENT_CHANGE_TRACKING_STATE | \
   RP_CREATE_VIRTUAL_DISK_FLAG_VHD_SET_USE_ORIGINAL_BACKING_STORAGE | RP_CREATE_VIRTUAL_DISK_FLAG_PMEM_COMPATIBLE)

typedef struct {
  int info_only;
  int read_only;
  RP_GUID resiliency;
} open_mode;

/* Version 1 has an access mask and a depth; versions 2 and 3 have flags instead and refuse a mask. */
static DWORD mode_of(uint32_t mask, const RP_OPEN_VIRTUAL_DISK_PARAMETERS *parameters, open_mode *mode) {
  const int32_t version = parameters == NULL ? RP_OPEN_VIRTUAL_DISK_VERSION_1 : parameters->Version;
  memset(mode, 0, sizeof *mode);
  if (version == RP_OPEN_VIRTUAL_DISK_VERSION_1) {
    if (mask == 0 || (mask & ~(uint32_t)RP_VIRTUAL_DISK_ACCESS_ALL) != 0) return ERROR_INVALID_PARAMETER;
    const uint32_t depth = parameters == NULL ? RP_OPEN_VIRTUAL_DISK_RW_DEPTH_DEFAULT : parameters->Version1.RWDepth;
    mode->info_only = (mask & ~(uint32_t)RP_VIRTUAL_DISK_ACCESS_GET_INFO) == 0;
    mode->read_only = depth == 0 || (mask & RP_VIRTUAL_DISK_ACCESS_WRITABLE) == 0;
    return ERROR_SUCCESS;
  }
  if (version != RP_OPEN_VIRTUAL_DISK_VERSION_2 && version != RP_OPEN_VIRTUAL_DISK_VERSION_3) return ERROR_INVALID_PARAMETER;
  if (mask != RP_VIRTUAL_DISK_ACCESS_NONE) return ERROR_INVALID_PARAMETER;
  if (!is_flag(parameters->Version2.GetInfoOnly) || !is_flag(parameters->Version2.ReadOnly)) return ERROR_INVALID_PARAMETER;
  /* A snapshot of a VHD set, which the lab does not have. */
  if (version == RP_OPEN_VIRTUAL_DISK_VERSION_3 && !is_nil(&parameters->Version3.SnapshotId)) return ERROR_NOT_SUPPORTED;
  mode->info_only = parameters->Version2.GetInfoOnly;
  mode->read_only = parameters->Version2.ReadOnly;
  mode->resiliency = parameters->Version2.ResiliencyGuid;
  return ERROR_SUCCESS;
}

static DWORD check_open(const RP_VIRTUAL_STORAGE_TYPE *type, const uint16_t *path, uint32_t mask, uint32_t flags,
                        const RP_OPEN_VIRTUAL_DISK_PARAMETERS *parameters, HANDLE *handle, open_mode *mode) {
  DWORD code = check_storage_type(type);
  if (code == ERROR_SUCCESS) code = check_text(path, MAX_PATH_UNITS);
  if (code == ERROR_SUCCESS) code = check_structure(handle, sizeof *handle, 8);
  if (code == ERROR_SUCCESS && parameters != NULL) code = check_structure(parameters, sizeof *parameters, 4);
  if (code == ERROR_SUCCESS) code = mode_of(mask, parameters, mode);
  if (code != ERROR_SUCCESS) return code;
  /* The drive from which Windows starts is the kernel's. */
  if ((flags & ~ALL_OPEN_FLAGS) != 0 || (flags & RP_OPEN_VIRTUAL_DISK_FLAG_BOOT_DRIVE) != 0) return ERROR_INVALID_PARAMETER;
  return (flags & OPEN_FLAGS_WITHOUT_MODEL) != 0 ? ERROR_NOT_SUPPORTED : ERROR_SUCCESS;
}

DWORD WINAPI vd_open(const RP_VIRTUAL_STORAGE_TYPE *type, const uint16_t *path, uint32_t mask, uint32_t flags,
                     const RP_OPEN_VIRTUAL_DISK_PARAMETERS *parameters, HANDLE *handle) {
  open_mode mode;
  open_disk *disk;
  message request;
  DWORD code = check_open(type, path, mask, flags, parameters, handle, &mode);
  if (code == ERROR_SUCCESS) code = new_disk(!mode.read_only && !mode.info_only, &disk);
  if (code != ERROR_SUCCESS) return code;
  begin_message(&request, CALL_OPEN);
  put_text(&request, path);
  put_u32(&request, type->DeviceId);
  put_u32(&request, flags);
  put_u32(&request, (uint32_t)mode.info_only);
  put_u32(&request, (uint32_t)mode.read_only);
  put_guid(&request, &mode.resiliency);
  code = tell_about(disk, &request);
  if (code == ERROR_SUCCESS) *handle = publish_disk(disk);
  else discard_disk(disk);
  return code;
}

/* What all versions of CREATE_VIRTUAL_DISK_PARAMETERS have. */
typedef struct {
  RP_GUID unique_id;
  uint64_t size;
  uint32_t block_size;
  uint32_t sector_size;
  uint32_t physical_sector_size;
  RP_PCWSTR parent;
  RP_PCWSTR source;
  RP_GUID resiliency;
} new_image;

static void read_parameters(const RP_CREATE_VIRTUAL_DISK_PARAMETERS *from, new_image *to) {
  memset(to, 0, sizeof *to);
  to->unique_id = from->Version1.UniqueId;
  to->size = from->Version1.MaximumSize;
  to->block_size = from->Version1.BlockSizeInBytes;
  to->sector_size = from->Version1.SectorSizeInBytes;
  if (from->Version == RP_CREATE_VIRTUAL_DISK_VERSION_1) {
    to->parent = from->Version1.ParentPath;
    to->source = from->Version1.SourcePath;
    return;
  }
  to->physical_sector_size = from->Version2.PhysicalSectorSizeInBytes;
  to->parent = from->Version2.ParentPath;
  to->source = from->Version2.SourcePath;
  to->resiliency = from->Version2.ResiliencyGuid;
}

static int is_sector_size(uint32_t size) { return size == 0 || size == 512 || size == 4096; }

static DWORD check_image(const new_image *image) {
  if (image->parent != NULL && image->source != NULL) return ERROR_INVALID_PARAMETER;
  if (image->parent != NULL && image->size != 0) return ERROR_INVALID_PARAMETER;
  if (image->parent == NULL && image->source == NULL && image->size == 0) return (DWORD)RP_ERROR_VHD_INVALID_SIZE;
  if (!is_sector_size(image->sector_size) || !is_sector_size(image->physical_sector_size)) return ERROR_INVALID_PARAMETER;
  const uint32_t sector = image->sector_size == 0 ? 512 : image->sector_size;
  if (image->size % sector != 0) return (DWORD)RP_ERROR_VHD_INVALID_SIZE;
  const uint32_t block = image->block_size;
  if (block != 0 && ((block & (block - 1)) != 0 || block < 512u << 10 || block > 256u << 20)) {
    return (DWORD)RP_ERROR_VHD_INVALID_BLOCK_SIZE;
  }
  DWORD code = image->parent == NULL ? ERROR_SUCCESS : check_text(image->parent, MAX_PATH_UNITS);
  if (code == ERROR_SUCCESS && image->source != NULL) code = check_text(image->source, MAX_PATH_UNITS);
  return code;
}

static DWORD check_create(const RP_VIRTUAL_STORAGE_TYPE *type, const uint16_t *path, uint32_t mask, uint32_t flags,
                          uint32_t provider_flags, const RP_CREATE_VIRTUAL_DISK_PARAMETERS *parameters) {
  DWORD code = check_storage_type(type);
  if (code == ERROR_SUCCESS) code = check_text(path, MAX_PATH_UNITS);
  if (code == ERROR_SUCCESS) code = check_structure(parameters, sizeof *parameters, 8);
  if (code != ERROR_SUCCESS) return code;
  if (parameters->Version < RP_CREATE_VIRTUAL_DISK_VERSION_1 || parameters->Version > RP_CREATE_VIRTUAL_DISK_VERSION_4) {
    return ERROR_INVALID_PARAMETER;
  }
  const int first = parameters->Version == RP_CREATE_VIRTUAL_DISK_VERSION_1;
  if (first ? (mask & RP_VIRTUAL_DISK_ACCESS_CREATE) == 0 : mask != RP_VIRTUAL_DISK_ACCESS_NONE) return ERROR_INVALID_PARAMETER;
  if ((flags & ~ALL_CREATE_FLAGS) != 0 || provider_flags != 0) return ERROR_INVALID_PARAMETER;
  return (flags & CREATE_FLAGS_WITHOUT_MODEL) != 0 ? ERROR_NOT_SUPPORTED : ERROR_SUCCESS;
}

DWORD WINAPI vd_create(const RP_VIRTUAL_STORAGE_TYPE *type, const uint16_t *path, uint32_t mask, void *security, uint32_t flags,
                       uint32_t provider_flags, const RP_CREATE_VIRTUAL_DISK_PARAMETERS *parameters, OVERLAPPED *overlapped,
                       HANDLE *handle) {
  new_image image;
  open_disk *disk;
  message request;
  DWORD code = check_create(type, path, mask, flags, provider_flags, parameters);
  if (code == ERROR_SUCCESS && security != NULL && !IsValidSecurityDescriptor(security)) code = ERROR_INVALID_PARAMETER;
  if (code == ERROR_SUCCESS && overlapped != NULL) code = check_structure(overlapped, sizeof *overlapped, 8);
  if (code == ERROR_SUCCESS) code = check_structure(handle, sizeof *handle, 8);
  if (code != ERROR_SUCCESS) return code;
  read_parameters(parameters, &image);
  code = check_image(&image);
  if (code == ERROR_SUCCESS) code = new_disk(1, &disk);
  if (code != ERROR_SUCCESS) return code;
  begin_message(&request, CALL_CREATE);
  put_text(&request, path);
  put_u32(&request, type->DeviceId);
  put_u32(&request, flags);
  put_guid(&request, &image.unique_id);
  put_u64(&request, image.size);
  put_u32(&request, image.block_size);
  put_u32(&request, image.sector_size);
  put_u32(&request, image.physical_sector_size);
  put_text(&request, image.parent);
  put_text(&request, image.source);
  put_guid(&request, &image.resiliency);
  if (overlapped != NULL) {
    *handle = publish_disk(disk);
    return start_about(disk, &request, overlapped);
  }
  code = tell_about(disk, &request);
  if (code == ERROR_SUCCESS) *handle = publish_disk(disk);
  else discard_disk(disk);
  return code;
}
