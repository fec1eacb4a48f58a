import { LoadBudget } from '../../source/load-budget.ts';
import type { DiskImage } from '../image/image.ts';
import { diskError } from '../virtual/disk-errors.ts';
import { ChainDisk, CHAIN_CACHE_BYTES, checkSectors } from './chain.ts';
import { openAs, type OpenFileOptions } from './open-as.ts';
import type { OpenedDisk } from './open-disk.ts';
import { openFitting } from './parent-layer.ts';

/**
 * Opens an image and the parents that are listed for it, the child first. Each listed file must be the
 * parent by the identity in its child; paths inside images are not looked at. Throws `disk.*`, and
 * the errors of `open` and of the formats.
 */
export async function openListed(
  files: readonly [string, ...string[]],
  options: Pick<OpenFileOptions, 'format' | 'open'>,
  signal: AbortSignal,
): Promise<OpenedDisk> {
  const shared = { budget: new LoadBudget(CHAIN_CACHE_BYTES) };
  const [file, ...parents] = files;
  const { source, format } = await openAs(file, options, signal);
  const image = await format.open(source, shared, signal);
  const layers: [DiskImage, ...DiskImage[]] = [image];
  try {
    let child = image;
    for (const path of parents) {
      const link = child.parent;
      if (link === undefined) throw notAChild(child, path);
      const found = await openFitting(path, link, options, signal);
      const parent = await found.format.open(found.source, shared, signal);
      layers.push(parent);
      checkSectors(child, parent);
      child = parent;
    }
    if (child.parent !== undefined) throw unlisted(child);
    const disk = new ChainDisk(layers);
    return { disk, format: format.name, chain: files, layers, fileSize: image.fileSize };
  } catch (error) {
    for (const layer of layers) await layer.close();
    throw error;
  }
}

const notAChild = (image: DiskImage, parent: string): Error =>
  diskError(
    'disk.parent.mismatch',
    `${image.name} has no parent, but ${parent} is listed as its parent`,
    { data: { child: image.name, parent, found: null, expected: null } },
  );

const unlisted = (child: DiskImage): Error =>
  diskError('disk.parent.missing', `${child.name} has a parent, but none is listed for it`, {
    data: { child: child.name, parent: null },
  });
