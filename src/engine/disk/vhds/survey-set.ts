import { isEngineError, type EngineError } from '../../base/errors.ts';
import type { ByteSource } from '../../source/byte-source.ts';
import type { OpenImageOptions } from '../image/disk-format.ts';
import { NO_FACTS, type ImageFacts, type ImageSurvey } from '../image/image-survey.ts';
import { readField } from '../inspect/fields.ts';
import { plain } from '../inspect/plain.ts';
import { weighed } from './check-set.ts';
import { readSet, type VhdSet } from './read-set.ts';
import { headerDetails, SET_IDENTIFIER } from './set-fields.ts';
import { SetImage } from './set-image.ts';

/** Reads what is known of a VHD Set, with or without its backing file. */
export async function surveySet(
  source: ByteSource,
  options: OpenImageOptions,
  signal: AbortSignal,
): Promise<ImageSurvey> {
  const set = await readSet(source, signal);
  const opened = await SetImage.of(source, set, options, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    if (isEngineError(error)) return error;
    throw error;
  });
  const image = opened instanceof SetImage ? opened : undefined;
  const problems: readonly EngineError[] = opened instanceof SetImage ? [] : [opened];
  return {
    name: source.name,
    size: image?.size,
    fileSize: source.size,
    problems,
    notes: weighed(set).filter(({ severity }) => severity !== undefined),
    image,
    spoiled: undefined,
    logIgnored: false,
    describe: () => Promise.resolve({ facts: factsOf(set, image), wrong: false }),
    close: () => source.close(),
  };
}

function factsOf({ identifier, headers, header, backing }: VhdSet, image?: SetImage): ImageFacts {
  const current = headers.find(({ offset }) => offset === header?.offset);
  return {
    ...NO_FACTS,
    virtualSize: image?.size ?? null,
    logicalSectorSize: image?.logicalSectorSize ?? null,
    physicalSectorSize: image?.physicalSectorSize ?? null,
    allocatedBytes: 0,
    diskId: image?.diskId ?? null,
    creator: plain(readField(SET_IDENTIFIER.Creator, identifier)),
    parent:
      backing === undefined
        ? null
        : {
            linkage: null,
            linkage2: null,
            relativePath: `.\\${backing}`,
            absolutePath: null,
            volumePath: null,
          },
    ...(current === undefined ? {} : { details: headerDetails(current.bytes) }),
  };
}
