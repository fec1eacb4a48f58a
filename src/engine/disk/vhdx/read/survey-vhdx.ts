import { payloadBlockCount } from '../structures/layout.ts';
import {
  FULLY_PRESENT,
  NOT_PRESENT,
  PARTIALLY_PRESENT,
  UNDEFINED,
  UNMAPPED,
  ZERO,
} from '../structures/bat-entry.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import type { OpenImageOptions } from '../../image/disk-format.ts';
import {
  NO_FACTS,
  type BlockCounts,
  type ImageFacts,
  type ImageSurvey,
  type ParentFacts,
} from '../../image/image-survey.ts';
import { errorInFile } from '../structures/error-in-file.ts';
import { subformat } from '../structures/metadata/metadata-items.ts';
import type { ParentLocator } from '../structures/locator/parent-locator.ts';
import { readKnownParts, type ImageParts, type KnownParts } from './image-parts.ts';
import { VhdxImage } from './vhdx-image.ts';

/** Reads the readable parts of a VHDX file. `source` is closed with the survey. */
export async function surveyVhdx(
  source: ByteSource,
  options: OpenImageOptions,
  signal: AbortSignal,
): Promise<ImageSurvey> {
  const { known, problems, spoiled } = await readKnownParts(source, options, signal, 'last');
  const image = isComplete(known) ? new VhdxImage(known) : undefined;
  return {
    name: source.name,
    size: known.metadata?.virtualSize,
    fileSize: known.fileSize,
    problems: problems.map((problem) => errorInFile(problem, source.name)),
    image,
    spoiled: spoiled === undefined ? undefined : errorInFile(spoiled, source.name),
    logIgnored: known.log === 'dirty' && options.ignoreLog === true,
    describe: async (describeSignal) => {
      const counted = image === undefined ? undefined : await countBlocks(image, describeSignal);
      return { facts: factsOf(known, counted?.blocks), wrong: counted?.wrong === true };
    },
    close: () => known.source.close(),
  };
}

function isComplete(parts: Partial<ImageParts>): parts is ImageParts {
  return parts.header !== undefined && parts.metadata !== undefined && parts.bat !== undefined;
}

function factsOf(
  { identifier, header, metadata, log }: KnownParts['known'],
  blocks: BlockCounts | undefined,
): ImageFacts {
  return {
    ...NO_FACTS,
    creator: identifier?.creator ?? null,
    dataWriteGuid: header?.dataWriteGuid ?? null,
    log: log ?? null,
    ...(metadata === undefined
      ? {}
      : {
          subformat: subformat(metadata),
          virtualSize: metadata.virtualSize,
          blockSize: metadata.blockSize,
          logicalSectorSize: metadata.logicalSectorSize,
          physicalSectorSize: metadata.physicalSectorSize,
          diskId: metadata.diskId,
          parent: metadata.parent === undefined ? null : parentFacts(metadata.parent),
        }),
    ...(blocks === undefined || metadata === undefined
      ? {}
      : { blocks, allocatedBytes: (blocks.present + blocks.partial) * metadata.blockSize }),
  };
}

const parentFacts = (locator: ParentLocator): ParentFacts => ({
  linkage: locator.linkage,
  linkage2: locator.linkage2 ?? null,
  relativePath: locator.relativePath ?? null,
  absolutePath: locator.absolutePath ?? null,
  volumePath: locator.volumePath ?? null,
});

/**
 * Counts payload blocks by state. Streams the whole BAT and so checks every entry; does not count
 * blocks of invalid ones.
 */
async function countBlocks(
  layer: VhdxImage,
  signal: AbortSignal,
): Promise<{ readonly blocks: BlockCounts; readonly wrong: boolean }> {
  const counts = new Map<number, number>();
  const total = payloadBlockCount(layer.metadata);
  let wrong = false;
  for await (const runs of layer.surveyedRuns(0, total, signal)) {
    for (const run of runs) {
      if ('error' in run) wrong = true;
      else counts.set(run.entry.state, (counts.get(run.entry.state) ?? 0) + run.end - run.first);
    }
  }
  const of = (state: number): number => counts.get(state) ?? 0;
  const blocks = {
    present: of(FULLY_PRESENT),
    partial: of(PARTIALLY_PRESENT),
    zero: of(ZERO),
    notPresent: of(NOT_PRESENT),
    unmapped: of(UNMAPPED),
    undefined: of(UNDEFINED),
  };
  return { blocks, wrong };
}
