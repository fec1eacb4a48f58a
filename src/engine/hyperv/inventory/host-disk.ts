import type { Guid } from '../../base/guid.ts';

/** A virtual hard disk as attached to a VM or to a checkpoint of it. */
export interface AttachedDisk {
  /** Controller and slot: `scsi0:1`, `ide0:0`. */
  readonly slot: string;
  /** InstanceID of the storage settings, which identifies the attachment. */
  readonly locationId: string;
  readonly path: string;
  readonly format: 'vhdx' | 'vhd' | 'vhds' | 'physical' | 'other';
  readonly shared: boolean;
  readonly virtualSize: number | null;
  readonly virtualDiskId: Guid | null;
  readonly parentPath: string | null;
  readonly logicalSectorSize: number | null;
  /** Snapshot of a VHD Set, in the settings of a checkpoint; null if there is not one. */
  readonly snapshotId: string | null;
}

/**
 * Derives the format from the path's extension; the contents are detected when the image is read.
 */
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
