import { formatBytes } from '../../base/format-bytes.ts';
import { backupError } from '../backup-errors.ts';
import type { HashFormat } from '../hash-format.ts';
import type { HostDiskSource } from '../host-disk-source.ts';
import type { ImageShape } from '../image-shape.ts';
import type { Store } from '../store/store.ts';
import { imageAllocated } from './allocated.ts';
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

/** The same where gaps take no space: what is written. Never more than the length. */
export async function filesAllocated(files: DiskFiles): Promise<number> {
  const { source, shape, format, kind, changesBytes } = files;
  const { blockSize, logicalSectorSize } = shape;
  const geometry = { virtualSize: source.size, blockSize, logicalSectorSize };
  const image = await imageAllocated(source.ranges, geometry, kind);
  return image + (await hashFileLength(source.ranges, source.size, format)) + changesBytes;
}

/** Left free for the configuration, the ledger, and whatever else writes into the store meanwhile. */
const SPACE_RESERVE = 64 * 2 ** 20;

/**
 * Refuses a disk whose files would not fit, before hours of them are written. Throws `store.space`. Where they fit only because
 * gaps take no space in this store, returns a warning: a copy elsewhere may need their whole length.
 */
export async function requireRoom(
  store: Store,
  files: DiskFiles,
  signal: AbortSignal,
): Promise<readonly RoomWarning[]> {
  const free = await store.freeBytes(signal);
  if (free === undefined) return [];
  const length = (await filesLength(files)) + SPACE_RESERVE;
  if (free >= length) return [];
  const sparse = await store.hasSparseFiles(signal);
  const needed = sparse ? Math.min(length, (await filesAllocated(files)) + SPACE_RESERVE) : length;
  const has = `${store.location} has ${formatBytes(free)} free`;
  if (free >= needed) {
    const message = `${has}; the files of this disk become up to ${formatBytes(length)} long, and fit because their gaps take no space there`;
    return [{ code: 'store.room', message }];
  }
  throw backupError('store.space', `${has}; this disk needs up to ${formatBytes(needed)}`, {
    data: { store: store.location, free, needed },
  });
}

/** A finding of a run that goes on. */
export interface RoomWarning {
  readonly code: 'store.room';
  readonly message: string;
}
