import { hasGptHeader, readGpt } from './gpt.ts';
import {
  bootEntries,
  isBootRecord,
  isHybrid,
  isProtective,
  looksLikeTable,
  readMbr,
} from './mbr.ts';
import type { PartitionTable, SectorReader } from './sectors.ts';

/** The sector sizes of disks. Raw images do not record theirs. */
const SECTOR_SIZES = [512, 4096];

/**
 * Reads the partitions of a disk, sorted by start: GPT if the boot record is protective, else MBR,
 * else nothing. A GPT counts in the sector size at which its header lies. A defect of a table is a
 * warning, never an error; only reading the disk can fail.
 */
export async function readPartitions(disk: SectorReader): Promise<PartitionTable> {
  const none = { table: null, hybrid: false, partitions: [], warnings: [] } as const;
  const { sectorSize } = disk;
  if (disk.size < 2 * sectorSize) return { ...none, sectorSize };
  const sector = await disk.read(0, sectorSize);
  if (!isBootRecord(sector) || !looksLikeTable(sector)) return { ...none, sectorSize };
  const entries = bootEntries(sector);
  if (!isProtective(entries)) {
    const list = await readMbr(disk, entries);
    const table = entries.every((entry) => entry === undefined) ? null : 'mbr';
    return { ...list, table, hybrid: false, sectorSize, partitions: byStart(list.partitions) };
  }
  const counted = await withHeaderSize(disk);
  const list = await readGpt(counted);
  return {
    ...list,
    table: 'gpt',
    hybrid: isHybrid(entries),
    sectorSize: counted.sectorSize,
    partitions: byStart(list.partitions),
  };
}

/** Returns the disk with the sector size at which the first header of a GPT lies. */
async function withHeaderSize(disk: SectorReader): Promise<SectorReader> {
  for (const sectorSize of [disk.sectorSize, ...SECTOR_SIZES]) {
    const counted = { ...disk, sectorSize, read: disk.read.bind(disk) };
    if (await hasGptHeader(counted)) return counted;
  }
  return disk;
}

const byStart = (partitions: PartitionTable['partitions']): PartitionTable['partitions'] =>
  [...partitions].sort((a, b) => a.start - b.start);
