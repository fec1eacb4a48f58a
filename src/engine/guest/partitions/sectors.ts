import type { DiskInspection, PartitionInfo } from '../../api/guest/inspection.ts';

/** The disk whose partitions are read: returns bytes inside `size`. */
export interface SectorReader {
  readonly size: number;
  readonly sectorSize: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

export interface PartitionWarning {
  readonly code: string;
  readonly message: string;
}

/** A partition as its table names it. */
export type PartitionEntry = Omit<PartitionInfo, 'volume'>;

export interface PartitionList {
  readonly partitions: readonly PartitionEntry[];
  readonly warnings: readonly PartitionWarning[];
}

export interface PartitionTable
  extends PartitionList, Pick<DiskInspection, 'table' | 'hybrid' | 'sectorSize'> {}

/** Creates a warning with the reason why a part of a table is ignored. */
export const tableWarning = (message: string): PartitionWarning => ({
  code: 'map.partitions',
  message,
});

/** Reads `size` bytes from a sector; undefined if they do not all lie on the disk. */
export async function readAt(
  disk: SectorReader,
  sector: number,
  length: number,
): Promise<Uint8Array | undefined> {
  const offset = sector * disk.sectorSize;
  if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > disk.size) return undefined;
  return disk.read(offset, length);
}
