import { formatBytes } from '../../base/format-bytes.ts';
import { backupError } from '../backup-errors.ts';
import type { HashFormat } from '../hash-format.ts';
import type { HostDiskSource } from '../host-disk-source.ts';
import type { ImageShape } from '../image-shape.ts';
import type { Store } from '../store/store.ts';
import { hashFileLength } from './hash-file-length.ts';
import { fullImageLength, incrementLength } from './image-length.ts';

/** The files of one disk that are about to be written. */
export interface DiskFiles {
  readonly source: Pick<HostDiskSource, 'size' | 'ranges'>;
  readonly shape: Pick<ImageShape, 'blockSize' | 'logicalSectorSize'>;
  readonly format: HashFormat;
  readonly kind: 'full' | 'incr';
  /** The tracker's answers, packed. */
  readonly changesBytes: number;
}

/** Returns how long the files of a disk become at most. Nothing is read but the tables of the source. */
export async function filesLength(files: DiskFiles): Promise<number> {
  const { source, shape, format, kind, changesBytes } = files;
  const { blockSize, logicalSectorSize } = shape;
  const geometry = { virtualSize: source.size, blockSize, logicalSectorSize };
  const image = kind === 'full' ? fullImageLength : incrementLength;
  const hashes = await hashFileLength(source.ranges, source.size, format);
  return (await image(source.ranges, geometry)) + hashes + changesBytes;
}

/** Left free for the configuration, the ledger, and whatever else writes into the store meanwhile. */
const SPACE_RESERVE = 64 * 2 ** 20;

/** Refuses a disk whose files would not fit, before hours of them are written. Throws `store.space`. */
export async function requireRoom(
  store: Store,
  files: DiskFiles,
  signal: AbortSignal,
): Promise<void> {
  const free = await store.freeBytes(signal);
  if (free === undefined) return;
  const needed = (await filesLength(files)) + SPACE_RESERVE;
  if (free >= needed) return;
  throw backupError(
    'store.space',
    `${store.location} has ${formatBytes(free)} free; this disk needs up to ${formatBytes(needed)}`,
    { data: { store: store.location, free, needed } },
  );
}
