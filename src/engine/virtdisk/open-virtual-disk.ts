import type { OpenImage, VirtualDiskHandle } from './contract/virtual-disk.ts';
import { openHandle } from './functions/open.ts';
import { requireAttachRights } from './image/attach-rights.ts';
import { WindowsVirtualDisk } from './image/windows-virtual-disk.ts';

/**
 * Opens an image with Windows' own driver. Throws `virtdisk.missing`, `virtdisk.tooOld`, or what
 * Windows answers.
 *
 * @param rights enables what attaching needs, or throws
 */
export async function openVirtualDisk(
  image: OpenImage,
  signal: AbortSignal,
  rights = requireAttachRights,
): Promise<VirtualDiskHandle> {
  return new WindowsVirtualDisk(await openHandle(image, signal), image.access, rights);
}
