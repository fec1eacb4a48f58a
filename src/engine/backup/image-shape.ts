import { formatBytes } from '../base/format-bytes.ts';
import { newGuid } from '../base/guid.ts';
import type { Range } from '../base/range.ts';
import type { NewImage } from '../disk/vhdx/image-head.ts';
import { batRegionLength } from '../disk/vhdx/layout.ts';
import { sectorSizes } from '../disk/vhdx/metadata-items.ts';
import { backupError } from './backup-errors.ts';
import type { HostDisk } from './host.ts';
import type { HostDiskSource } from './host-disk-source.ts';
import type { Store } from './store/store.ts';

/** What a new image of a point is to be, but for its parent. */
export type ImageShape = Required<
  Pick<NewImage, 'size' | 'blockSize' | 'logicalSectorSize' | 'physicalSectorSize' | 'diskId'>
>;

/**
 * Returns the shape of an image for the disk that is read: the same size, sector sizes and identity.
 * @param blockSizeFor chooses the block size
 */
export function imageShape(
  frozen: HostDisk,
  { size, sector, facts }: HostDiskSource,
  blockSizeFor: (virtualSize: number, logicalSectorSize: 512 | 4096) => number,
): ImageShape {
  const logicalSectorSize = sector as 512 | 4096;
  const physicalSectorSize = (facts.physicalSectorSize ?? 4096) as 512 | 4096;
  return {
    size,
    blockSize: blockSizeFor(size, logicalSectorSize),
    ...sectorSizes({ logicalSectorSize, physicalSectorSize }),
    diskId: frozen.virtualDiskId ?? newGuid(),
  };
}

/** Refuses an image that would not fit, before hours of it are written. Throws `store.space`. */
export async function requireRoom(
  store: Store,
  { size: virtualSize, ranges }: HostDiskSource,
  { blockSize, logicalSectorSize }: ImageShape,
  signal: AbortSignal,
): Promise<void> {
  const tables = batRegionLength({ virtualSize, blockSize, logicalSectorSize }, true);
  await requireSpace(store, tables + (await touchedBlockBytes(ranges, blockSize)), signal);
}

/** Room for tables and rounding besides the blocks. */
const SPACE_RESERVE = 64 * 2 ** 20;

/** Returns what the blocks that ordered ranges touch take in a file: each its whole size, since no file is sparse. */
async function touchedBlockBytes(
  ranges: AsyncIterable<Range> | Iterable<Range>,
  blockSize: number,
): Promise<number> {
  let blocks = 0;
  let counted = 0;
  for await (const { start, end } of ranges) {
    const first = Math.max(counted, Math.floor(start / blockSize));
    counted = Math.max(counted, Math.ceil(end / blockSize));
    blocks += Math.max(0, counted - first);
  }
  return blocks * blockSize;
}

async function requireSpace(store: Store, imageBytes: number, signal: AbortSignal): Promise<void> {
  const free = await store.freeBytes(signal);
  const needed = imageBytes + SPACE_RESERVE;
  if (free === undefined || free >= needed) return;
  throw backupError(
    'store.space',
    `${store.location} has ${formatBytes(free)} free; this disk needs up to ${formatBytes(needed)}`,
    { data: { store: store.location, free, needed } },
  );
}
