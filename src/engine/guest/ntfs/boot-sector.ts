import type { Fields } from '../bytes/fields.ts';

/*
 * Boot sector of NTFS (linux-ntfs project, "NTFS documentation", $Boot): 3 "NTFS    ", 11 bytes per
 * sector, 13 sectors per cluster (above 128: 2 to the power of 256 less it), 40 sectors, 48 cluster
 * of the MFT, 64 clusters of an MFT record, 68 of an index record (negative: bytes, as a power of
 * two), 72 serial number.
 */
const SECTOR_SIZES = [256, 512, 1024, 2048, 4096];
const MAX_CLUSTER = 2 ** 21;
const MAX_RECORD = 64 * 1024;

export interface NtfsBoot {
  readonly clusterSize: number;
  readonly clusters: number;
  readonly recordSize: number;
  readonly indexSize: number;
  /** Offset of the MFT's first record. */
  readonly mftStart: number;
  readonly size: number;
  readonly serial: string;
}

/** Decodes the boot sector; undefined if it is not one of NTFS. */
export function readBootSector(boot: Fields): NtfsBoot | undefined {
  if (!boot.has(3, 'NTFS    ') || boot.u16(510) !== 0xaa55) return undefined;
  const [sector, perCluster] = [boot.u16(11), boot.u8(13)];
  const clusterSize = sector * (perCluster > 128 ? 2 ** (256 - perCluster) : perCluster);
  if (!SECTOR_SIZES.includes(sector) || !isPower(clusterSize) || clusterSize > MAX_CLUSTER)
    return undefined;
  const recordSize = recordBytes(boot.u8(64), clusterSize);
  const indexSize = recordBytes(boot.u8(68), clusterSize);
  const [sectors, mft] = [boot.big(40), boot.big(48)];
  if (recordSize === undefined || indexSize === undefined) return undefined;
  if (sectors >= 2n ** 40n || mft >= 2n ** 40n) return undefined;
  const size = Number(sectors) * sector;
  return {
    clusterSize,
    clusters: Math.floor(size / clusterSize),
    recordSize,
    indexSize,
    mftStart: Number(mft) * clusterSize,
    size,
    serial: boot.big(72).toString(16).toUpperCase().padStart(16, '0'),
  };
}

function recordBytes(value: number, clusterSize: number): number | undefined {
  const bytes = value > 128 ? 2 ** (256 - value) : value * clusterSize;
  return isPower(bytes) && bytes >= 512 && bytes <= MAX_RECORD ? bytes : undefined;
}

const isPower = (value: number): boolean => value > 0 && Number.isInteger(Math.log2(value));
