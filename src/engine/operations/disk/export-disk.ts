import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import type { BlockExport } from '../../net/nbd/contract/block-export.ts';

/** A virtual disk, parents included, as an NBD export. */
export const exportDisk = (disk: VirtualDisk): BlockExport => ({
  size: disk.size,
  extents: (within, signal) => disk.extents(within, signal),
  read: (offset, into, signal) => disk.read(offset, into, signal),
});
