import { isExtended, mbrTypeName, PROTECTIVE } from './partition-types.ts';
import {
  readAt,
  tableWarning,
  type PartitionEntry,
  type PartitionList,
  type PartitionWarning,
  type SectorReader,
} from './sectors.ts';

/*
 * Master boot record: four entries of 16 bytes from 446, then 55 AA. An entry: 4 type, 8 first
 * sector, 12 sectors. An extended partition holds a list: each of its boot records has one logical
 * partition (relative to itself) and the location of the next (relative to the extended partition).
 */
const ENTRIES = 446;
const MAX_LOGICAL = 64;

interface Entry {
  readonly type: number;
  readonly first: number;
  readonly sectors: number;
}

/** Whether sector 0 ends with a boot record's signature. */
export const isBootRecord = (bytes: Uint8Array): boolean =>
  bytes.length >= 512 && bytes[510] === 0x55 && bytes[511] === 0xaa;

/** Returns the four entries; undefined for those without a type or without sectors. */
export function bootEntries(bytes: Uint8Array): (Entry | undefined)[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [0, 1, 2, 3].map((i) => {
    const at = ENTRIES + i * 16;
    const type = view.getUint8(at + 4);
    const [first, sectors] = [view.getUint32(at + 8, true), view.getUint32(at + 12, true)];
    return type === 0 || sectors === 0 ? undefined : { type, first, sectors };
  });
}

/**
 * A file system without a partition table also ends its first sector with 55 AA; its entries would
 * be machine code.
 */
export function looksLikeTable(bytes: Uint8Array): boolean {
  return [0, 1, 2, 3].every((i) => {
    const status = bytes[ENTRIES + i * 16];
    return status === 0 || status === 0x80;
  });
}

/** Whether the MBR protects a GPT. */
export const isProtective = (entries: readonly (Entry | undefined)[]): boolean =>
  entries.some((entry) => entry?.type === PROTECTIVE);

/** Whether the MBR of a GPT names partitions of its own. */
export const isHybrid = (entries: readonly (Entry | undefined)[]): boolean =>
  isProtective(entries) && entries.filter((entry) => entry !== undefined).length > 1;

/** Reads the primary partitions, and the logical ones of extended partitions. */
export async function readMbr(
  disk: SectorReader,
  entries: readonly (Entry | undefined)[],
): Promise<PartitionList> {
  const partitions: PartitionEntry[] = [];
  const warnings: PartitionWarning[] = [];
  for (const [i, entry] of entries.entries()) {
    if (entry === undefined) continue;
    addPartition(disk, i + 1, entry, partitions, warnings);
    if (isExtended(entry.type)) await readLogical(disk, entry, partitions, warnings);
  }
  return { partitions, warnings };
}

async function readLogical(
  disk: SectorReader,
  extended: Entry,
  partitions: PartitionEntry[],
  warnings: PartitionWarning[],
): Promise<void> {
  const seen = new Set<number>();
  let at = extended.first;
  for (let number = 5; ; number++) {
    if (seen.has(at) || seen.size >= MAX_LOGICAL) {
      warnings.push(
        tableWarning('The list of logical partitions does not end; the rest is omitted'),
      );
      return;
    }
    seen.add(at);
    const bytes = await readAt(disk, at, disk.sectorSize);
    if (bytes === undefined || !isBootRecord(bytes)) {
      warnings.push(tableWarning(`Sector ${at} does not describe logical partition ${number}`));
      return;
    }
    const [logical, next] = bootEntries(bytes);
    if (logical !== undefined) {
      const entry = { ...logical, first: at + logical.first };
      addPartition(disk, number, entry, partitions, warnings);
    }
    if (next === undefined || !isExtended(next.type)) return;
    at = extended.first + next.first;
  }
}

function addPartition(
  disk: SectorReader,
  number: number,
  { type, first, sectors }: Entry,
  partitions: PartitionEntry[],
  warnings: PartitionWarning[],
): void {
  const start = first * disk.sectorSize;
  const length = sectors * disk.sectorSize;
  if (start >= disk.size || start + length > disk.size || start === 0) {
    warnings.push(tableWarning(`Partition ${number} is not inside the disk; it is omitted`));
    return;
  }
  partitions.push({ number, start, length, type: mbrTypeName(type), name: null });
}
