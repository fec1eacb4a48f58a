import type { EngineError } from '../../base/errors.ts';
import { LoadBudget } from '../../source/load-budget.ts';
import { CHAIN_CACHE_BYTES } from '../chain/chain.ts';
import { holesOf, openAs, type OpenDiskOptions } from '../chain/open-disk.ts';
import { openParents } from '../chain/parent-layer.ts';
import { RawDisk } from '../raw/raw-disk.ts';
import type { VhdxImage } from '../vhdx/read/vhdx-image.ts';
import { surveyImage, type ImageSurvey } from './image-survey.ts';

/**
 * A disk image and its parents as far as they can be read: for inspection, not for reading the
 * disk.
 */
export interface SurveyedDisk {
  readonly format: 'vhdx' | 'raw';
  readonly fileSize: number;
  /** The disk of a raw image. */
  readonly raw: RawDisk | undefined;
  /** The image itself; undefined for a raw one. */
  readonly top: ImageSurvey | undefined;
  /** Layers whose blocks can be trusted, the child first; empty if the child's cannot. */
  readonly layers: readonly VhdxImage[];
  /** Paths of the files found, the child first. */
  readonly chain: readonly string[];
  /** Reason why the last layer's parent cannot be read; everything from it is lost. */
  readonly ends: EngineError | undefined;
  close(): Promise<void>;
}

/** Opens the readable parts of a disk image. Throws only if its format cannot be detected. */
export async function surveyDisk(
  file: string,
  options: OpenDiskOptions,
  signal: AbortSignal,
): Promise<SurveyedDisk> {
  const { source, format } = await openAs(file, options, signal);
  const common = { format, fileSize: source.size, raw: undefined, chain: [file] };
  if (format === 'raw') {
    const raw = new RawDisk(source, holesOf(file));
    const close = (): Promise<void> => raw.close();
    return {
      ...common,
      raw,
      top: undefined,
      layers: [],
      ends: undefined,
      close,
    };
  }
  const shared = { ...options, budget: new LoadBudget(CHAIN_CACHE_BYTES) };
  const top = await surveyImage(source, shared, signal).catch(async (error: unknown) => {
    await source.close();
    throw error;
  });
  const { image, spoiled } = top;
  if (image === undefined) {
    return {
      ...common,
      top,
      layers: [],
      ends: spoiled ?? top.problems[0],
      close: () => top.close(),
    };
  }
  const { layers, chain, problem } = await openParents(file, image, shared, signal);
  return {
    ...common,
    top,
    chain,
    layers: spoiled === undefined ? layers : [],
    ends: spoiled ?? problem,
    close: async () => {
      for (const layer of layers) await layer.close();
    },
  };
}
