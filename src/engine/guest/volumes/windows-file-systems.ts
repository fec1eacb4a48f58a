import type { VolumeInfo } from '../../api/guest/inspection.ts';
import { readExfatLabel } from './exfat-label.ts';
import { serialText } from '../bytes/text.ts';
import { readFatHeader } from '../fat/fat-header.ts';
import { fatState } from '../fat/fat-state.ts';
import { readBootSector } from '../ntfs/boot-sector.ts';
import { ntfsState } from '../ntfs/ntfs-state.ts';
import { UNKNOWN, type Recognise } from './recognition.ts';

/** NTFS: the boot sector, and label, version and dirty flag from the file $Volume. */
export const recogniseNtfs: Recognise = async (head, volume, signal) => {
  const boot = readBootSector(head.part(0, 512));
  if (boot === undefined) return undefined;
  const { label, version, dirty } = await ntfsState(volume, boot, signal);
  return {
    kind: 'ntfs',
    name: version === null ? 'NTFS' : `NTFS ${version}`,
    label,
    id: boot.serial,
    size: boot.size,
    blockSize: boot.clusterSize,
    dirty,
    encrypted: false,
    browsable: true,
  };
};

/**
 * ReFS: "ReFS" at 3 and "FSRS" at 16, sectors at 24, bytes per sector at 32, sectors per cluster at
 * 36, version at 40, serial number at 56 (libfsrefs; UNCONFIRMED by Microsoft, who does not publish
 * it).
 */
export const recogniseRefs: Recognise = async (head) => {
  if (!head.has(3, 'ReFS\0\0\0\0') || !head.has(16, 'FSRS')) return undefined;
  const found: VolumeInfo = {
    ...UNKNOWN,
    kind: 'refs',
    name: `ReFS ${head.u8(40)}.${head.u8(41)}`,
    id: head.big(56).toString(16).toUpperCase().padStart(16, '0'),
    size: head.u64(24) * head.u32(32),
    blockSize: head.u32(32) * head.u32(36),
  };
  return found;
};

/** FAT12, FAT16 and FAT32: the header of their reader, label and dirty flag. */
export const recogniseFat: Recognise = async (head, volume, signal) => {
  const header = readFatHeader(head.part(0, 512));
  if (header === undefined) return undefined;
  const { label, dirty } = await fatState(volume, header, signal);
  return {
    kind: header.kind,
    name: header.kind.toUpperCase(),
    label,
    id: header.serial === null ? null : serialText(header.serial),
    size: header.size,
    blockSize: header.clusterSize,
    dirty,
    encrypted: false,
    browsable: true,
  };
};

/**
 * exFAT (Microsoft, "exFAT file system specification", main boot sector): "EXFAT   " at 3, sectors at
 * 72, serial number at 100, flags at 106 (bit 1: dirty, bit 2: media failure), shifts of sector and
 * cluster at 108 and 109.
 */
export const recogniseExfat: Recognise = async (head, volume, signal) => {
  const [sectorShift, clusterShift] = [head.u8(108), head.u8(109)];
  const sane = sectorShift >= 9 && sectorShift <= 12 && clusterShift <= 25 - sectorShift;
  if (!head.has(3, 'EXFAT   ') || !sane) return undefined;
  const blockSize = 2 ** (sectorShift + clusterShift);
  return {
    ...UNKNOWN,
    kind: 'exfat',
    name: 'exFAT',
    label: await readExfatLabel(head, volume, signal),
    id: serialText(head.u32(100)),
    size: head.u64(72) * 2 ** sectorShift,
    blockSize,
    dirty: (head.u16(106) & 0b110) !== 0,
  };
};
