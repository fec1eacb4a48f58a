import type { Guid } from '../../base/guid.ts';

/** A virtual hard disk as it hangs on a VM, or on a checkpoint of it. */
export interface AttachedDisk {
  /** Controller and slot: `scsi0:1`, `ide0:0`. */
  readonly slot: string;
  /** InstanceID of the storage settings, which names the location. */
  readonly locationId: string;
  readonly path: string;
  readonly format: 'vhdx' | 'vhd' | 'vhds' | 'physical' | 'other';
  readonly shared: boolean;
  readonly virtualSize: number | null;
  readonly virtualDiskId: Guid | null;
  readonly parentPath: string | null;
  readonly logicalSectorSize: number | null;
}

/** By the path's ending: what the image is inside is read from the image. */
export function formatOf(path: string): AttachedDisk['format'] {
  const ending = /\.(a?vhdx?|vhds)$/i.exec(path)?.[1]?.toLowerCase();
  switch (ending) {
    case 'vhdx':
    case 'avhdx':
      return 'vhdx';
    case 'vhd':
    case 'avhd':
      return 'vhd';
    case 'vhds':
      return 'vhds';
    default:
      return 'other';
  }
}
