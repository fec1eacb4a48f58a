import { isEngineError, type EngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import type { DiskFormat, OpenImageOptions } from '../image/disk-format.ts';
import type { DiskImage, ParentLink } from '../image/image.ts';
import { diskError } from '../virtual/disk-errors.ts';
import { checkSectors, MAX_CHAIN_DEPTH } from './chain.ts';
import { fileKey, parentCandidates } from './find-parent.ts';
import { openAs, type OpenFileOptions } from './open-as.ts';

export interface OpenChainOptions extends OpenImageOptions, Pick<OpenFileOptions, 'through'> {
  /** Folders that are searched first for parents. */
  readonly search?: readonly string[];
  /** Damaged parents are layers too, as long as their blocks can be trusted: for rescue. */
  readonly damaged?: boolean;
}

/** Layers with their paths, the child first, and the reason if the chain ends early. */
export interface OpenedChain {
  readonly layers: [DiskImage, ...DiskImage[]];
  readonly chain: string[];
  readonly problem: EngineError | undefined;
}

/**
 * Opens the parents of an image one after the other, each by its own format, as far as they can be
 * found and read. The image is the first layer.
 */
export async function openParents(
  file: string,
  image: DiskImage,
  options: OpenChainOptions,
  signal: AbortSignal,
): Promise<OpenedChain> {
  const layers: [DiskImage, ...DiskImage[]] = [image];
  const chain = [file];
  const keys = new Set([await fileKey(file)]);
  try {
    for (let child = image; ;) {
      const link = child.parent;
      if (link === undefined) return { layers, chain, problem: undefined };
      const found = await openParent(child, { chain, keys }, link, options, signal);
      child = found.image;
      layers.push(child);
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
  image: DiskImage,
  { chain, keys }: { readonly chain: readonly string[]; readonly keys: ReadonlySet<string> },
  link: ParentLink,
  options: OpenChainOptions,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly image: DiskImage }> {
  const child = chain.at(-1) ?? '';
  let unreadable: EngineError | undefined;
  let unfit: EngineError | undefined;
  for await (const path of parentCandidates(child, link, options.search ?? [])) {
    let fits = false;
    try {
      if (keys.has(await fileKey(path))) throw cycle(child, path);
      const { source, format } = await openFitting(path, link, options, signal);
      fits = true;
      if (chain.length >= MAX_CHAIN_DEPTH) {
        await source.close();
        throw tooDeep(chain);
      }
      const parent = await openLayer(format, source, options, signal);
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
  throw unreadable ?? unfit ?? missing(child, link);
}

/**
 * Opens a file that has the identity that the link names. Throws `disk.parent.mismatch` for another
 * file.
 */
export async function openFitting(
  path: string,
  link: ParentLink,
  { through, open }: OpenFileOptions,
  signal: AbortSignal,
): Promise<{ readonly source: ByteSource; readonly format: DiskFormat }> {
  const opened = await openAs(path, { format: link.format, through, open }, signal);
  const { source, format } = opened;
  try {
    const identity = await format.identify(source, signal);
    const problem = link.mismatch({ name: path, format: format.name, identity });
    if (problem !== undefined) throw problem;
    return opened;
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openLayer(
  format: DiskFormat,
  source: ByteSource,
  options: OpenChainOptions,
  signal: AbortSignal,
): Promise<DiskImage> {
  if (options.damaged !== true) return format.open(source, options, signal);
  const survey = await format.survey(source, options, signal).catch(async (error: unknown) => {
    await source.close();
    throw error;
  });
  const { image, spoiled, problems } = survey;
  if (image !== undefined && spoiled === undefined) return image;
  await survey.close();
  throw spoiled ?? problems[0] ?? unreadableParent(source.name);
}

const unreadableParent = (name: string): EngineError =>
  diskError('disk.format', `The blocks of ${name} cannot be looked up`, { data: { path: name } });

const cycle = (child: string, parent: string): EngineError =>
  diskError('disk.chain.cycle', `the parent of ${child} is ${parent}, which is its own child`, {
    data: { child, parent },
  });

const tooDeep = (chain: readonly string[]): EngineError =>
  diskError('disk.chain.depth', `the chain of ${chain[0]} is deeper than ${MAX_CHAIN_DEPTH}`, {
    data: { expected: MAX_CHAIN_DEPTH },
  });

function missing(child: string, link: ParentLink): EngineError {
  const named = link.relativePath ?? link.absolutePath ?? link.volumePath ?? 'nothing';
  return diskError(
    'disk.parent.missing',
    `${child} names ${named} as its parent, which is neither at that path nor beside the child`,
    { data: { child, parent: named } },
  );
}
