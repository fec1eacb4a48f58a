import { formatBytes } from '../../base/format-bytes.ts';
import type { Range } from '../../base/range.ts';
import type { BlockGeometry } from '../../disk/vhdx/structures/layout.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { HashFormat } from '../hashes/hash-format.ts';
import type { HostDiskSource } from '../read/source/host-disk-source.ts';
import type { ImageShape } from '../read/source/image-shape.ts';
import type { Store } from '../store/contract/store.ts';
import { imageAllocated } from './allocated.ts';
import { HashFileLength } from './hash-file-length.ts';
import { fullImageLength, incrementLength } from './image-length.ts';

/** The files of one disk that are about to be written. */
export interface DiskFiles {
  readonly source: Pick<HostDiskSource, 'size' | 'ranges'>;
  readonly shape: Pick<ImageShape, 'blockSize' | 'logicalSectorSize'>;
  readonly format: HashFormat;
  readonly kind: 'full' | 'incr';
  /** Size of the tracker's compressed answers, in bytes. */
  readonly changesBytes: number;
}

type Ranges = AsyncIterable<Range> | Iterable<Range>;

/** Returns the maximum length of a disk's files. Reads only the tables of the source, once. */
export function filesLength(files: DiskFiles): Promise<number> {
  return bytesOf(files, files.kind === 'full' ? fullImageLength : incrementLength);
}

/** Returns the space that they take if gaps take no space. Never more than their length. */
export function filesAllocated(files: DiskFiles): Promise<number> {
  return bytesOf(files, (ranges, geometry) => imageAllocated(ranges, geometry, files.kind));
}

async function bytesOf(
  { source, shape, format, changesBytes }: DiskFiles,
  imageOf: (ranges: Ranges, geometry: BlockGeometry) => Promise<number>,
): Promise<number> {
  const { blockSize, logicalSectorSize } = shape;
  const hashes = new HashFileLength(source.size, format);
  const ranges = counted(source.ranges, hashes);
  const image = await imageOf(ranges, { virtualSize: source.size, blockSize, logicalSectorSize });
  return image + hashes.bytes + changesBytes;
}

async function* counted(ranges: Ranges, hashes: HashFileLength): AsyncGenerator<Range> {
  for await (const range of ranges) {
    hashes.add(range);
    yield range;
  }
}

/** Bytes that stay free for the configuration, the ledger, and other writers of the store. */
const SPACE_RESERVE = 64 * 2 ** 20;

/**
 * Rejects a disk whose files would not fit, before hours are spent on writing. Returns a warning if
 * they fit only because gaps take no space in this store: a copy elsewhere may need their whole
 * length. Throws `store.space`.
 * @param filesBytes length of the files, as `filesLength` returns it
 * @param free bytes of the store that are not promised to other disks.
 */
export async function requireRoom(
  store: Store,
  files: DiskFiles,
  filesBytes: number,
  free: number,
  signal: AbortSignal,
): Promise<readonly RoomWarning[]> {
  const length = filesBytes + SPACE_RESERVE;
  if (free >= length) return [];
  const sparse = await store.hasSparseFiles(signal);
  const needed = sparse ? Math.min(length, (await filesAllocated(files)) + SPACE_RESERVE) : length;
  const has = `${store.location} has ${formatBytes(free)} free`;
  if (free >= needed) {
    const message = `${has}; the files of this disk can reach ${formatBytes(length)}; they only fit because gaps take no space in this store`;
    return [{ code: 'store.room', message }];
  }
  throw backupError('store.space', `${has}; this disk needs up to ${formatBytes(needed)}`, {
    data: { store: store.location, free, needed },
  });
}

/** A finding that does not end the run. */
export interface RoomWarning {
  readonly code: 'store.room';
  readonly message: string;
}
