import type { EngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { errorInFile } from '../vhdx/structures/error-in-file.ts';
import {
  readKnownParts,
  type ImageParts,
  type OpenImageOptions,
} from '../vhdx/read/image-parts.ts';
import { VhdxImage } from '../vhdx/read/vhdx-image.ts';

/** The readable parts of one VHDX file, intact or damaged. */
export interface ImageSurvey {
  readonly name: string;
  readonly known: Partial<Omit<ImageParts, 'source' | 'bat'>>;
  readonly fileSize: number;
  /** Defects of its structures. */
  readonly problems: readonly EngineError[];
  /** The image, if its blocks can be looked up. */
  readonly image: VhdxImage | undefined;
  /** Reason why no block can be trusted although blocks can be looked up. */
  readonly spoiled: EngineError | undefined;
  /** The log holds changes that were ignored on request. */
  readonly logIgnored: boolean;
  close(): Promise<void>;
}

/** Reads the readable parts of a VHDX file. `source` is closed with the survey. */
export async function surveyImage(
  source: ByteSource,
  options: OpenImageOptions,
  signal: AbortSignal,
): Promise<ImageSurvey> {
  const { known, problems, spoiled } = await readKnownParts(source, options, signal, 'last');
  const named = problems.map((problem) => errorInFile(problem, source.name));
  return {
    name: source.name,
    known,
    fileSize: known.fileSize,
    problems: named,
    image: isComplete(known) ? new VhdxImage(known) : undefined,
    spoiled: spoiled === undefined ? undefined : errorInFile(spoiled, source.name),
    logIgnored: known.log === 'dirty' && options.ignoreLog === true,
    close: () => known.source.close(),
  };
}

function isComplete(parts: Partial<ImageParts>): parts is ImageParts {
  return parts.header !== undefined && parts.metadata !== undefined && parts.bat !== undefined;
}
