import { guidFromBytes, NIL_GUID } from '../../base/guid.ts';
import { crc32 } from '../bytes/crc32.ts';
import { gptTypeName } from './partition-types.ts';
import {
  readAt,
  tableWarning,
  type PartitionEntry,
  type PartitionList,
  type SectorReader,
} from './sectors.ts';

/*
 * GUID partition table, UEFI 2.10 section 5.3. Header at LBA 1, its backup at the last LBA:
 *
 *   0 "EFI PART"   8 revision   12 header size   16 CRC-32 of the header, this field zero
 *   24 own LBA   32 other LBA   40 first, 48 last usable LBA   56 disk GUID
 *   72 LBA of the entries   80 their count   84 size of one   88 CRC-32 of all entries
 *
 * An entry: 0 type GUID (nil: unused), 16 own GUID, 32 first LBA, 40 last LBA (inclusive), 48
 * attributes, 56 name in UTF-16.
 */
const SIGNATURE = 'EFI PART';
const MAX_ENTRIES = 1024;
const MAX_ENTRY_SIZE = 4096;
const NAME_UNITS = 36;

/** One valid copy of the table. */
interface Copy extends PartitionList {
  readonly entriesCrc: number;
  /** Sector of the other copy. */
  readonly other: number;
}

/**
 * Reads the table from the first header or, if that is damaged, from the backup. If neither is
 * valid, the list is empty. Compares both copies: a defect of either is a warning.
 */
export async function readGpt(disk: SectorReader): Promise<PartitionList> {
  const lastSector = Math.floor(disk.size / disk.sectorSize) - 1;
  const first = await readCopy(disk, 1);
  if (typeof first === 'object') {
    const { partitions, warnings } = first;
    return {
      partitions,
      warnings: [...warnings, ...(await backupWarnings(disk, first, lastSector))],
    };
  }
  const backup = await readCopy(disk, lastSector);
  const why = `The partition table (GPT) ${first}`;
  if (typeof backup === 'object') {
    const warning = tableWarning(`${why}; its backup at the end of the disk is shown`);
    return { partitions: backup.partitions, warnings: [warning, ...backup.warnings] };
  }
  return { partitions: [], warnings: [tableWarning(`${why}; so does its backup: ${backup}`)] };
}

/** Whether a sector size fits: the first header lies in the second sector. */
export async function hasGptHeader(disk: SectorReader): Promise<boolean> {
  const bytes = await readAt(disk, 1, 8);
  return bytes !== undefined && String.fromCharCode(...bytes) === SIGNATURE;
}

/** Checks the backup of a valid table. A disk that was enlarged keeps it at its former end. */
async function backupWarnings(
  disk: SectorReader,
  { other, entriesCrc }: Copy,
  lastSector: number,
): Promise<PartitionList['warnings']> {
  const backup = await readCopy(disk, other);
  const its = 'The backup of the partition table (GPT)';
  if (typeof backup === 'string') return [tableWarning(`${its} ${backup}`)];
  if (backup.entriesCrc !== entriesCrc) return [tableWarning(`${its} has other entries`)];
  if (other === lastSector) return [];
  return [tableWarning(`${its} lies at sector ${other}, not at the end of the disk`)];
}

/** Reads one copy of the table, or returns its defect. */
async function readCopy(disk: SectorReader, lba: number): Promise<Copy | string> {
  const bytes = await readAt(disk, lba, disk.sectorSize);
  if (bytes === undefined) return 'lies past the end of the disk';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (String.fromCharCode(...bytes.subarray(0, 8)) !== SIGNATURE) return 'has no signature';
  const headerSize = view.getUint32(12, true);
  if (headerSize < 92 || headerSize > bytes.length) return `has a header of ${headerSize} bytes`;
  const header = new Uint8Array(bytes.subarray(0, headerSize));
  header.fill(0, 16, 20);
  if (crc32(header) !== view.getUint32(16, true)) return 'has a wrong checksum';
  if (Number(view.getBigUint64(24, true)) !== lba) return 'names a different location as its own';
  const count = view.getUint32(80, true);
  const entrySize = view.getUint32(84, true);
  if (count > MAX_ENTRIES || entrySize < 128 || entrySize > MAX_ENTRY_SIZE || entrySize % 8 !== 0) {
    return `has ${count} entries of ${entrySize} bytes`;
  }
  const entries = await readAt(disk, Number(view.getBigUint64(72, true)), count * entrySize);
  if (entries === undefined) return 'has entries past the end of the disk';
  if (crc32(entries) !== view.getUint32(88, true)) return 'has entries with a wrong checksum';
  const other = Number(view.getBigUint64(32, true));
  return { ...readEntries(disk, entries, entrySize), entriesCrc: view.getUint32(88, true), other };
}

function readEntries(disk: SectorReader, entries: Uint8Array, entrySize: number): PartitionList {
  const partitions: PartitionEntry[] = [];
  const warnings = [];
  for (let at = 0; at + entrySize <= entries.length; at += entrySize) {
    const entry = entries.subarray(at, at + entrySize);
    const type = guidFromBytes(entry.subarray(0, 16));
    if (type === NIL_GUID) continue;
    const number = at / entrySize + 1;
    const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
    const start = Number(view.getBigUint64(32, true)) * disk.sectorSize;
    const end = (Number(view.getBigUint64(40, true)) + 1) * disk.sectorSize;
    if (!Number.isSafeInteger(end) || start >= end || end > disk.size) {
      warnings.push(tableWarning(`Partition ${number} is not inside the disk; it is omitted`));
      continue;
    }
    const name = entryName(view);
    partitions.push({ number, start, length: end - start, type: gptTypeName(type), name });
  }
  return { partitions, warnings };
}

function entryName(view: DataView): string | null {
  let name = '';
  for (let i = 0; i < NAME_UNITS; i++) {
    const unit = view.getUint16(56 + i * 2, true);
    if (unit === 0) break;
    name += String.fromCharCode(unit);
  }
  // Names are displayed: replace control characters and unpaired surrogates.
  const clean = name.toWellFormed().replaceAll(/\p{C}/gu, '\u{fffd}');
  return clean === '' ? null : clean;
}
