import type { EngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import { errorInFile } from '../vhdx/structures/error-in-file.ts';
import {
  readKnownParts,
  type ImageParts,
  type OpenImageOptions,
} from '../vhdx/read/image-parts.ts';
import { VhdxImage } from '../vhdx/read/vhdx-image.ts';

/** What can be told of one VHDX file, whole or damaged. */
export interface ImageSurvey {
  readonly name: string;
  readonly known: Partial<Omit<ImageParts, 'source' | 'bat'>>;
  readonly fileSize: number;
  /** What is wrong with its structures. */
  readonly problems: readonly EngineError[];
  /** The image, if its blocks can be looked up. */
  readonly image: VhdxImage | undefined;
  /** Why no block can be trusted although they can be looked up. */
  readonly spoiled: EngineError | undefined;
  /** The image has changes in its log, which were passed over because that was asked for. */
  readonly logIgnored: boolean;
  close(): Promise<void>;
}

/** Reads what can be read of a VHDX file. `source` is closed with the survey. */
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
