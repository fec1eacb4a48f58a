import type { Fields } from '../bytes/fields.ts';

/*
 * Boot sector of FAT12, FAT16 and FAT32 (Microsoft, "FAT: General Overview of On-Disk Format"
 * 1.03):
 *
 *   0 jump   11 bytes per sector   13 sectors per cluster   14 reserved sectors   16 FATs
 *   17 root entries   19 sectors, 32 sectors if that is 0   21 media   22 sectors of a FAT, or
 *   36 if that is 0 (FAT32)   44 root cluster (FAT32)   510 55 AA
 *
 * From 36, or 64 on FAT32: 1 flags of Windows, 2 signature 28h or 29h, 3 serial number, 7 label.
 */
const SECTOR_SIZES = [512, 1024, 2048, 4096];
const MAX_CLUSTER = 256 * 1024;
const FAT12_CLUSTERS = 4085;
const FAT16_CLUSTERS = 65_525;
const ENTRY = 32;

/** Places in a FAT volume, in bytes. */
export interface FatHeader {
  readonly kind: 'fat12' | 'fat16' | 'fat32';
  readonly clusterSize: number;
  /** Number of data clusters; their numbers begin with 2. */
  readonly clusters: number;
  readonly tableStart: number;
  readonly tableBytes: number;
  /** Root folder of FAT12 and FAT16. */
  readonly rootStart: number;
  readonly rootBytes: number;
  /** Root folder of FAT32; 0 otherwise. */
  readonly rootCluster: number;
  readonly dataStart: number;
  readonly size: number;
  readonly serial: number | null;
  /** Label of the boot sector, 11 bytes. */
  readonly label: Uint8Array | null;
  /** Windows marked the volume as dirty in the boot sector. */
  readonly marked: boolean;
}

/** Decodes a boot sector; undefined if it is not one of FAT. */
export function readFatHeader(boot: Fields): FatHeader | undefined {
  const jump = (boot.u8(0) === 0xeb && boot.u8(2) === 0x90) || boot.u8(0) === 0xe9;
  if (!jump || boot.u16(510) !== 0xaa55) return undefined;
  const [sector, perCluster, reserved, copies] = [
    boot.u16(11),
    boot.u8(13),
    boot.u16(14),
    boot.u8(16),
  ];
  const clusterSize = sector * perCluster;
  const media = boot.u8(21);
  if (!SECTOR_SIZES.includes(sector) || perCluster === 0 || (perCluster & (perCluster - 1)) !== 0)
    return undefined;
  if (clusterSize > MAX_CLUSTER || reserved === 0 || copies === 0 || copies > 4) return undefined;
  if (media !== 0xf0 && media < 0xf8) return undefined;
  const wide = boot.u16(22) === 0;
  const tableSectors = wide ? boot.u32(36) : boot.u16(22);
  const sectors = boot.u16(19) === 0 ? boot.u32(32) : boot.u16(19);
  const rootBytes = wide ? 0 : Math.ceil((boot.u16(17) * ENTRY) / sector) * sector;
  const tableStart = reserved * sector;
  const rootStart = tableStart + copies * tableSectors * sector;
  const dataStart = rootStart + rootBytes;
  const size = sectors * sector;
  const clusters = Math.floor((size - dataStart) / clusterSize);
  if (tableSectors === 0 || clusters <= 0) return undefined;
  const kind = wide ? 'fat32' : clusters < FAT12_CLUSTERS ? 'fat12' : 'fat16';
  if (kind === 'fat16' && clusters >= FAT16_CLUSTERS) return undefined;
  const more = wide ? 64 : 36;
  const signature = boot.u8(more + 2);
  return {
    kind,
    clusterSize,
    clusters,
    tableStart,
    tableBytes: tableSectors * sector,
    rootStart,
    rootBytes,
    rootCluster: wide ? boot.u32(44) : 0,
    dataStart,
    size,
    serial: signature === 0x29 || signature === 0x28 ? boot.u32(more + 3) : null,
    label: signature === 0x29 ? boot.slice(more + 7, 11) : null,
    marked: (boot.u8(more + 1) & 1) !== 0,
  };
}
