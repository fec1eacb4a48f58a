import { openFileHoles, type FileHoles } from '../../native/file-holes.ts';
import { FileSource } from '../../source/files/file-source.ts';
import { LoadBudget } from '../../source/load-budget.ts';
import { ChainDisk, CHAIN_CACHE_BYTES } from './chain.ts';
import { detectFormat } from './detect-format.ts';
import { openParents, type OpenChainOptions } from './parent-layer.ts';
import { RawDisk } from '../raw/raw-disk.ts';
import type { VirtualDisk } from '../virtual/virtual-disk.ts';
import { VhdxImage } from '../vhdx/read/vhdx-image.ts';

export interface OpenDiskOptions extends OpenChainOptions {
  /** Treats the file as this format, whatever its contents. */
  readonly format?: 'vhdx' | 'raw';
}

export interface OpenedDisk {
  readonly disk: VirtualDisk;
  readonly format: 'vhdx' | 'raw';
  /** Paths, the child first. */
  readonly chain: readonly string[];
  /** The VHDX layers, the child first; empty for raw images. */
  readonly layers: readonly VhdxImage[];
  readonly fileSize: number;
}

/**
 * Opens a disk image file with all its parents. The contents decide the format; an error if the
 * name promises VHDX and the contents are something else. Throws `disk.*`, `vhdx.*`, `source.*`.
 */
export async function openDisk(
  file: string,
  options: OpenDiskOptions,
  signal: AbortSignal,
): Promise<OpenedDisk> {
  const { source, format } = await openAs(file, options, signal);
  if (format === 'raw') {
    const disk = new RawDisk(source, holesOf(file));
    return { disk, format, chain: [file], layers: [], fileSize: source.size };
  }
  const shared = { ...options, budget: new LoadBudget(CHAIN_CACHE_BYTES) };
  const image = await VhdxImage.open(source, signal, shared);
  const { layers, chain, problem } = await openParents(file, image, shared, signal);
  try {
    if (problem !== undefined) throw problem;
    return { disk: new ChainDisk(layers), format, chain, layers, fileSize: source.size };
  } catch (error) {
    for (const layer of layers) await layer.close();
    throw error;
  }
}

/** Known holes need not be read; without koffi the whole file is read. */
export function holesOf(file: string): FileHoles | undefined {
  try {
    return openFileHoles(file);
  } catch {
    return undefined;
  }
}

/** Opens the file and detects its format, unless it is given. */
export async function openAs(
  file: string,
  options: OpenDiskOptions,
  signal: AbortSignal,
): Promise<{ readonly source: FileSource; readonly format: 'vhdx' | 'raw' }> {
  const source = await FileSource.open(file, signal);
  try {
    return { source, format: options.format ?? (await detectFormat(source, signal)) };
  } catch (error) {
    await source.close();
    throw error;
  }
}
