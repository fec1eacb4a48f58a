import type { PartitionInfo } from '../../api/change-map.ts';

/** The disk whose partitions are read: it answers bytes that lie inside `size`. */
export interface SectorReader {
  readonly size: number;
  readonly sectorSize: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

export interface PartitionWarning {
  readonly code: string;
  readonly message: string;
}

export interface PartitionTable {
  readonly partitions: readonly PartitionInfo[];
  readonly warnings: readonly PartitionWarning[];
}

/** Why a part of a table is not believed. */
export const tableWarning = (message: string): PartitionWarning => ({
  code: 'map.partitions',
  message,
});

/** `size` bytes from a sector, or undefined where they do not all lie on the disk. */
export async function readAt(
  disk: SectorReader,
  sector: number,
  length: number,
): Promise<Uint8Array | undefined> {
  const offset = sector * disk.sectorSize;
  if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > disk.size) return undefined;
  return disk.read(offset, length);
}
