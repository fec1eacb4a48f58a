import type { Guid } from '../../base/guid.ts';

/** Facts about a disk, as the driver or the file server reports them. */
export interface LocalDiskFacts {
  readonly virtualDiskId: Guid | null;
  readonly virtualSize: number;
  readonly logicalSectorSize: number;
  readonly physicalSectorSize: number | null;
  readonly format: 'vhdx' | 'vhd' | 'vhds' | 'other';
}
