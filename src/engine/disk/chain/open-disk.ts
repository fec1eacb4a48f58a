import { LoadBudget } from '../../source/load-budget.ts';
import type { DiskImage } from '../image/image.ts';
import type { VirtualDisk } from '../virtual/virtual-disk.ts';
import { ChainDisk, CHAIN_CACHE_BYTES } from './chain.ts';
import { openAs, type OpenFileOptions } from './open-as.ts';
import { openParents, type OpenChainOptions } from './parent-layer.ts';

export type OpenDiskOptions = OpenChainOptions & OpenFileOptions;

export interface OpenedDisk {
  readonly disk: VirtualDisk;
  /** Name of the format of the image itself. */
  readonly format: string;
  /** Paths, the child first. */
  readonly chain: readonly string[];
  /** The images of the chain, the child first. */
  readonly layers: readonly [DiskImage, ...DiskImage[]];
  readonly fileSize: number;
}

/**
 * Opens a disk image file with all its parents. The contents decide the format; an error if the
 * name promises a format and the contents are something else. Throws `disk.*`, `source.*`, and the
 * errors of the formats, `vhdx.*` for example.
 */
export async function openDisk(
  file: string,
  options: OpenDiskOptions,
  signal: AbortSignal,
): Promise<OpenedDisk> {
  const { source, format } = await openAs(file, options, signal);
  const shared = { ...options, budget: new LoadBudget(CHAIN_CACHE_BYTES) };
  const image = await format.open(source, shared, signal);
  const { layers, chain, problem } = await openParents(file, image, shared, signal);
  try {
    if (problem !== undefined) throw problem;
    const disk = new ChainDisk(layers);
    return { disk, format: format.name, chain, layers, fileSize: image.fileSize };
  } catch (error) {
    for (const layer of layers) await layer.close();
    throw error;
  }
}
