import { isEngineError, type EngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { FileSource } from '../../source/files/file-source.ts';
import { checkSectors, fitsLinkage, MAX_CHAIN_DEPTH, mismatch } from './chain.ts';
import { diskError } from '../virtual/disk-errors.ts';
import { fileKey, parentCandidates } from './find-parent.ts';
import { errorInFile } from '../vhdx/structures/error-in-file.ts';
import type { OpenImageOptions } from '../vhdx/read/image-parts.ts';
import type { ParentLocator } from '../vhdx/structures/parent-locator.ts';
import { readHead } from '../vhdx/read/read-structures.ts';
import { VhdxImage } from '../vhdx/read/vhdx-image.ts';

export interface OpenChainOptions extends OpenImageOptions {
  /** Folders that are searched first for parents. */
  readonly search?: readonly string[];
}

/** Layers with their paths, the child first, and the reason if the chain ends early. */
export interface OpenedChain {
  readonly layers: VhdxImage[];
  readonly chain: string[];
  readonly problem: EngineError | undefined;
}

/**
 * Opens the parents of an image one after the other, as far as they can be found and read. The
 * image is the first layer.
 */
export async function openParents(
  file: string,
  image: VhdxImage,
  options: OpenChainOptions,
  signal: AbortSignal,
): Promise<OpenedChain> {
  const layers = [image];
  const chain = [file];
  const keys = new Set([await fileKey(file)]);
  try {
    for (;;) {
      const child = layers.at(-1) as VhdxImage;
      const locator = child.metadata.parent;
      if (locator === undefined) return { layers, chain, problem: undefined };
      const found = await openParent(child, { chain, keys }, locator, options, signal);
      layers.push(found.image);
      chain.push(found.path);
      keys.add(await fileKey(found.path));
    }
  } catch (error) {
    if (isEngineError(error) && !signal.aborted) return { layers, chain, problem: error };
    for (const layer of layers) await layer.close();
    throw error;
  }
}

/**
 * Opens the first candidate with the identity that the last image of the chain names. Skips the
 * others. If no candidate can be opened, throws the error of the one with the identity, else the
 * error of the likeliest candidate.
 */
async function openParent(
  image: VhdxImage,
  { chain, keys }: { readonly chain: readonly string[]; readonly keys: ReadonlySet<string> },
  locator: ParentLocator,
  options: OpenChainOptions,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly image: VhdxImage }> {
  const child = chain.at(-1) ?? '';
  let unreadable: EngineError | undefined;
  let unfit: EngineError | undefined;
  for await (const path of parentCandidates(child, locator, options.search ?? [])) {
    let fits = false;
    try {
      if (keys.has(await fileKey(path))) throw cycle(child, path);
      const source = await openFitting(child, path, locator, signal);
      fits = true;
      if (chain.length >= MAX_CHAIN_DEPTH) {
        await source.close();
        throw tooDeep(chain);
      }
      const parent = await VhdxImage.open(source, signal, options);
      try {
        checkSectors(image, parent);
        return { path, image: parent };
      } catch (error) {
        await parent.close();
        throw error;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!isEngineError(error)) throw error;
      if (fits) unreadable ??= error;
      else unfit ??= error;
    }
  }
  throw unreadable ?? unfit ?? missing(child, locator);
}

/** Opens a file whose header has the identity. Throws `disk.parent.mismatch` for another file. */
async function openFitting(
  child: string,
  path: string,
  locator: ParentLocator,
  signal: AbortSignal,
): Promise<ByteSource> {
  const source = await FileSource.open(path, signal);
  try {
    const { current } = await readHead(source, signal);
    const { dataWriteGuid } = current.header;
    if (!fitsLinkage(locator, dataWriteGuid)) throw mismatch(child, path, dataWriteGuid, locator);
    return source;
  } catch (error) {
    await source.close();
    throw errorInFile(error, path);
  }
}

const cycle = (child: string, parent: string): EngineError =>
  diskError('disk.chain.cycle', `the parent of ${child} is ${parent}, which is its own child`, {
    data: { child, parent },
  });

const tooDeep = (chain: readonly string[]): EngineError =>
  diskError('disk.chain.depth', `the chain of ${chain[0]} is deeper than ${MAX_CHAIN_DEPTH}`, {
    data: { expected: MAX_CHAIN_DEPTH },
  });

function missing(child: string, locator: ParentLocator): EngineError {
  const named = locator.relativePath ?? locator.absolutePath ?? locator.volumePath ?? 'nothing';
  return diskError(
    'disk.parent.missing',
    `${child} names ${named} as its parent, which is neither at that path nor beside the child`,
    { data: { child, parent: named } },
  );
}
