import { readGpt } from './gpt.ts';
import { bootEntries, isBootRecord, isProtective, looksLikeTable, readMbr } from './mbr.ts';
import type { PartitionTable, SectorReader } from './sectors.ts';

const NONE: PartitionTable = { partitions: [], warnings: [] };

/**
 * Reads the partitions of a disk, sorted by start: GPT if the boot record is protective, else MBR,
 * else nothing. A defect of a table is a warning, never an error; only reading the disk can fail.
 */
export async function readPartitions(disk: SectorReader): Promise<PartitionTable> {
  if (disk.size < 2 * disk.sectorSize) return NONE;
  const sector = await disk.read(0, disk.sectorSize);
  if (!isBootRecord(sector)) return NONE;
  const entries = bootEntries(sector);
  if (!looksLikeTable(sector)) return NONE;
  const table = isProtective(entries) ? await readGpt(disk) : await readMbr(disk, entries);
  if (table === undefined) return NONE;
  return { ...table, partitions: [...table.partitions].sort((a, b) => a.start - b.start) };
}
