import { readFields, type GuestBytes } from '../bytes/guest-bytes.ts';
import { ExtentList, type FileExtent } from '../contract/extent-bytes.ts';
import { guestError } from '../bytes/guest-errors.ts';
import type { FatHeader } from './fat-header.ts';

/** Bits of an entry, and the least value that ends a chain, by kind. */
const BITS = { fat12: 12, fat16: 16, fat32: 32 } as const;
const ENDS = { fat12: 0xff8, fat16: 0xfff8, fat32: 0x0fff_fff8 } as const;

/** Returns the entry of a cluster in the first table: the next cluster, or a mark. */
export async function tableEntry(
  volume: GuestBytes,
  { kind, tableStart, tableBytes }: FatHeader,
  cluster: number,
  signal: AbortSignal,
): Promise<number> {
  const at = Math.floor((cluster * BITS[kind]) / 8);
  const length = kind === 'fat32' ? 4 : 2;
  if (at + length > tableBytes) throw beyond(cluster);
  const fields = await readFields(volume, tableStart + at, length, 'File allocation table', signal);
  if (kind === 'fat32') return fields.u32(0) & 0x0fff_ffff;
  if (kind === 'fat16') return fields.u16(0);
  return cluster % 2 === 0 ? fields.u16(0) & 0xfff : fields.u16(0) >> 4;
}

/**
 * Follows a chain of clusters. Throws `guest.damaged` for a chain that leads outside of the volume,
 * to itself, or ends before `size`.
 * @param size bytes to find; null: to the end of the chain, as folders have it
 */
export async function chainOf(
  volume: GuestBytes,
  header: FatHeader,
  first: number,
  size: number | null,
  signal: AbortSignal,
): Promise<readonly FileExtent[]> {
  const { clusterSize, clusters, dataStart, kind } = header;
  // A chain that leads to itself is longer than the volume: the list refuses it.
  const extents = new ExtentList(volume, 'Chain of clusters');
  const end = size ?? Number.MAX_SAFE_INTEGER;
  let cluster = first;
  for (let at = 0; at < end; at += clusterSize) {
    if (cluster >= ENDS[kind]) {
      if (size === null) break;
      const message = `The chain of clusters ends after ${at} bytes of a file of ${size} bytes`;
      throw guestError('guest.damaged', message, { data: { found: at, expected: size } });
    }
    if (cluster < 2 || cluster >= clusters + 2) throw beyond(cluster);
    extents.add(at, clusterSize, dataStart + (cluster - 2) * clusterSize);
    cluster = await tableEntry(volume, header, cluster, signal);
  }
  return extents.list;
}

const beyond = (cluster: number): Error =>
  guestError(
    'guest.damaged',
    `A chain of clusters names cluster ${cluster}, which does not exist`,
    {
      data: { found: cluster },
    },
  );
