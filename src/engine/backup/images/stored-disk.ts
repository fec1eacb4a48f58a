import { isEngineError } from '../../base/errors.ts';
import { backupError } from '../errors/backup-errors.ts';
import { ChainDisk, CHAIN_CACHE_BYTES } from '../../disk/chain/chain.ts';
import type { VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import { VhdxImage } from '../../disk/vhdx/read/vhdx-image.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { LoadBudget } from '../../source/load-budget.ts';
import { ChainHashes } from '../hashes/chain-hashes.ts';
import { hashFormat } from '../hashes/hash-format.ts';
import type { DiskRecord } from '../manifest/manifest.ts';
import { recordError } from '../errors/record-errors.ts';
import { pointFile } from '../store/contract/layout.ts';
import type { ChainLink } from '../points/point-chain.ts';
import type { Store } from '../store/contract/store.ts';

/** A disk at a point of the store: its chain of images as one disk, and its hash tree. */
export interface StoredDisk {
  readonly disk: VirtualDisk;
  readonly hashes: ChainHashes;
  close(): Promise<void>;
}

/**
 * Opens the images and hash files of a chain, the point's own first. Throws `point.image` if an
 * image does not match its record.
 */
export async function openStoredDisk(
  store: Store,
  links: readonly ChainLink[],
  signal: AbortSignal,
): Promise<StoredDisk> {
  const disk = await openStoredImages(store, links, signal);
  try {
    const hashes = await openStoredHashes(store, links, signal);
    return {
      disk,
      hashes,
      close: async () => {
        await hashes.close();
        await disk.close();
      },
    };
  } catch (error) {
    await disk.close();
    throw error;
  }
}

/**
 * Converts an error of reading a parent to `parent.damaged` if the parent is damaged or a file is
 * missing.
 */
export function parentDamage(error: unknown, parent: string): unknown {
  if (!isEngineError(error) || !(error.damage || error.code === 'store.missing')) return error;
  if (error.code === 'parent.damaged') return error;
  return backupError(
    'parent.damaged',
    `The parent ${parent} in the store cannot be read: ${error.message}`,
    {
      data: { parent },
      cause: error,
    },
  );
}

/** Opens the chain of images without hashes, for display only. */
export async function openStoredImages(
  store: Store,
  links: readonly ChainLink[],
  signal: AbortSignal,
): Promise<ChainDisk> {
  const layers: VhdxImage[] = [];
  const budget = new LoadBudget(CHAIN_CACHE_BYTES);
  try {
    for (const link of links) layers.push(await openStoredImage(store, link, signal, budget));
    return new ChainDisk(layers);
  } catch (error) {
    for (const layer of layers) await layer.close();
    throw error;
  }
}

/**
 * Opens one image of a chain, without its parents.
 * @param budget memory for tables, shared by the images of a chain.
 */
export async function openStoredImage(
  store: Store,
  { point, disk }: ChainLink,
  signal: AbortSignal,
  budget = new LoadBudget(CHAIN_CACHE_BYTES),
): Promise<VhdxImage> {
  const path = pointFile(point.manifest.vm.id, point.id, disk.file);
  const image = await VhdxImage.open(await store.openFile(path, signal), signal, { budget });
  try {
    mustBeRecorded(image, point.id, disk);
    return image;
  } catch (error) {
    await image.close();
    throw error;
  }
}

/**
 * Throws if the image is of another disk or was written to after the backup, even if its data looks
 * right.
 */
export function mustBeRecorded(image: VhdxImage, point: string, record: DiskRecord): void {
  const { diskId, logicalSectorSize, virtualSize } = image.metadata;
  const found = {
    virtualDiskId: diskId,
    dataWriteGuid: image.header.dataWriteGuid,
    logicalSectorSize,
    virtualSize,
  } as const;
  for (const [field, value] of Object.entries(found)) {
    const expected = record[field as keyof typeof found];
    if (expected === null || expected === value) continue;
    throw recordError(
      'point.image',
      `${record.file} of ${point} has the ${field} ${value}; expected ${expected}, as in the manifest`,
      { data: { point, file: record.file, field, found: value, expected } },
    );
  }
}

/** Opens the hash tree alone. Throws `hashes.damaged`, `store.missing`. */
export async function openStoredHashes(
  store: Store,
  links: readonly ChainLink[],
  signal: AbortSignal,
): Promise<ChainHashes> {
  const [first] = links;
  if (first === undefined) throw new Error('A chain has at least one image');
  const sources: ByteSource[] = [];
  try {
    for (const { point, disk } of links) {
      const path = pointFile(point.manifest.vm.id, point.id, disk.hashesFile.file);
      sources.push(await store.openFile(path, signal));
    }
  } catch (error) {
    for (const source of sources) await source.close();
    throw error;
  }
  const { virtualSize, hashRoot } = first.disk;
  return ChainHashes.open(sources, virtualSize, hashFormat(first.disk), hashRoot, signal);
}
