import type { ByteSource } from '../../../source/byte-source.ts';
import type { OpenImageOptions } from '../../image/disk-format.ts';
import {
  NO_FACTS,
  type BlockCounts,
  type ImageFacts,
  type ImageSurvey,
} from '../../image/image-survey.ts';
import { Qcow2Image } from './qcow2-image.ts';
import { headErrors, readHead, type Qcow2Head } from './read-head.ts';

/** Reads the readable parts of a qcow2 file. `source` is closed with the survey. */
export async function surveyQcow2(
  source: ByteSource,
  options: OpenImageOptions,
  signal: AbortSignal,
): Promise<ImageSurvey> {
  const head = await readHead(source, signal);
  const image = head.geometry === undefined ? undefined : Qcow2Image.of(source, head, options);
  return {
    name: source.name,
    size: image?.size,
    fileSize: source.size,
    problems: headErrors(head, source.name),
    notes: head.defects.filter(({ error }) => error === undefined),
    image,
    spoiled: undefined,
    logIgnored: false,
    describe: async (describeSignal) => {
      if (image === undefined) return { facts: NO_FACTS, wrong: false };
      const { blocks, wrong } = await countClusters(image, describeSignal);
      return { facts: factsOf(image, head, blocks), wrong };
    },
    close: () => source.close(),
  };
}

function factsOf(image: Qcow2Image, head: Qcow2Head, blocks: BlockCounts): ImageFacts {
  const { backing } = head;
  return {
    ...NO_FACTS,
    subformat: image.subformat,
    virtualSize: image.size,
    blockSize: image.blockSize,
    logicalSectorSize: image.logicalSectorSize,
    allocatedBytes: (blocks.present + blocks.partial) * image.blockSize,
    blocks,
    parent:
      backing === undefined
        ? null
        : {
            linkage: null,
            linkage2: null,
            relativePath: backing.path ?? null,
            absolutePath: backing.path === undefined ? backing.name : null,
            volumePath: null,
          },
  };
}

/** Counts clusters by state; does not count those of invalid entries. */
async function countClusters(
  image: Qcow2Image,
  signal: AbortSignal,
): Promise<{ readonly blocks: BlockCounts; readonly wrong: boolean }> {
  const { size, blockSize } = image;
  const counts = { data: 0, zero: 0, transparent: 0, lost: 0 };
  let partial = 0;
  let last = -1;
  // A cluster that begins or ends inside an extent has parts of several states.
  const split = (at: number): void => {
    if (at % blockSize === 0 || at === size) return;
    const cluster = Math.floor(at / blockSize);
    if (cluster !== last) partial++;
    last = cluster;
  };
  for await (const batch of image.surveyedIn([{ start: 0, end: size }], signal)) {
    for (const { start, end, kind } of batch) {
      split(start);
      split(end);
      const whole = end === size ? Math.ceil(end / blockSize) : Math.floor(end / blockSize);
      counts[kind] += Math.max(0, whole - Math.ceil(start / blockSize));
    }
  }
  const { data, zero, transparent, lost } = counts;
  const blocks = {
    present: data,
    partial,
    zero,
    notPresent: transparent,
    unmapped: 0,
    undefined: 0,
  };
  return { blocks, wrong: lost > 0 };
}
