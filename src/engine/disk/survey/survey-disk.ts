import type { EngineError } from '../../base/errors.ts';
import { LoadBudget } from '../../source/load-budget.ts';
import { CHAIN_CACHE_BYTES } from '../chain/chain.ts';
import { openAs } from '../chain/open-as.ts';
import type { OpenDiskOptions } from '../chain/open-disk.ts';
import { openParents } from '../chain/parent-layer.ts';
import type { ImageSurvey } from '../image/image-survey.ts';
import type { DiskImage } from '../image/image.ts';
import { diskError } from '../virtual/disk-errors.ts';

/**
 * A disk image and its parents as far as they can be read: for inspection, not for reading the
 * disk.
 */
export interface SurveyedDisk {
  /** Name of the format of the image itself. */
  readonly format: string;
  /** The image itself. */
  readonly top: ImageSurvey;
  /** Layers whose blocks can be trusted, the child first; empty if the child's cannot. */
  readonly layers: readonly DiskImage[];
  /** Paths of the files found, the child first. */
  readonly chain: readonly string[];
  /** Reason why the last layer's parent cannot be read; everything from it is lost. */
  readonly ends: EngineError | undefined;
  close(): Promise<void>;
}

export interface SurveyOptions extends OpenDiskOptions {
  /** Opens the image without looking for its parent. */
  readonly alone?: boolean;
}

/** Opens the readable parts of a disk image. Throws only if its format cannot be detected. */
export async function surveyDisk(
  file: string,
  options: SurveyOptions,
  signal: AbortSignal,
): Promise<SurveyedDisk> {
  const { source, format } = await openAs(file, options, signal);
  const shared = { ...options, budget: new LoadBudget(CHAIN_CACHE_BYTES) };
  const top = await format.survey(source, shared, signal).catch(async (error: unknown) => {
    await source.close();
    throw error;
  });
  const { image, spoiled } = top;
  if (image === undefined) {
    return {
      format: format.name,
      top,
      chain: [file],
      layers: [],
      ends: spoiled ?? top.problems[0],
      close: () => top.close(),
    };
  }
  if (options.alone === true) {
    const ends = spoiled ?? (image.parent === undefined ? undefined : notSearched(file));
    const layers = spoiled === undefined ? [image] : [];
    return { format: format.name, top, chain: [file], layers, ends, close: () => image.close() };
  }
  const { layers, chain, problem } = await openParents(file, image, shared, signal);
  return {
    format: format.name,
    top,
    chain,
    layers: spoiled === undefined ? layers : [],
    ends: spoiled ?? problem,
    close: async () => {
      for (const layer of layers) await layer.close();
    },
  };
}

const notSearched = (child: string): EngineError =>
  diskError('disk.parent.missing', `the parent of ${child} was not searched`, { data: { child } });
