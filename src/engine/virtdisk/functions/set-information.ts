import { parseGuid } from '../../base/guid.ts';
import type { WindowsHandle } from '../../win32/handles/windows-handle.ts';
import { StructBytes } from '../../win32/types/struct-bytes.ts';
import type { DiskSetting } from '../contract/disk-setting.ts';
import { mustSucceed } from '../library/disk-call.ts';
import { checkImagePath } from '../library/image-path.ts';
import { SET_VIRTUAL_DISK_INFO } from '../types/virtdisk-types.ts';

/**
 * SetVirtualDiskInformation. Whether it may change the tracking of a disk that a VM uses is
 * UNCONFIRMED: Refpoint does not try.
 */
export async function setInformation(
  handle: WindowsHandle,
  setting: DiskSetting,
  signal: AbortSignal,
): Promise<void> {
  if ('path' in setting) checkImagePath(setting.path);
  await mustSucceed(handle, 'SetVirtualDiskInformation', [encode(setting).bytes], signal);
}

function encode(setting: DiskSetting): StructBytes {
  const info = new StructBytes(SET_VIRTUAL_DISK_INFO);
  switch (setting.kind) {
    case 'parentPath':
      return info.set('Version', 1).setText('ParentFilePath', setting.path);
    case 'identifier':
      return info.set('Version', 2).setGuid('UniqueIdentifier', parseGuid(setting.id));
    case 'parentPathWithDepth':
      return info
        .set('Version', 3)
        .set('ParentPathWithDepthInfo.ChildDepth', setting.childDepth)
        .setText('ParentPathWithDepthInfo.ParentFilePath', setting.path);
    case 'physicalSectorSize':
      return info.set('Version', 4).set('VhdPhysicalSectorSize', setting.bytes);
    case 'virtualDiskId':
      return info.set('Version', 5).setGuid('VirtualDiskId', parseGuid(setting.id));
    case 'changeTracking':
      return info.set('Version', 6).set('ChangeTrackingEnabled', setting.on);
    case 'parentLocator':
      return info
        .set('Version', 7)
        .setGuid('ParentLocator.LinkageId', parseGuid(setting.linkageId))
        .setText('ParentLocator.ParentFilePath', setting.path);
  }
}
