import type { OpenedDisk } from '../../../disk/chain/open-disk.ts';

/** Size and sectors of a disk, in bytes. */
export interface DiskShape {
  readonly size: number;
  readonly sectorSize: number;
}

/** Returns the shape of an open chain. */
export const shapeOf = ({ disk }: Pick<OpenedDisk, 'disk'>): DiskShape => ({
  size: disk.size,
  sectorSize: disk.logicalSectorSize,
});
