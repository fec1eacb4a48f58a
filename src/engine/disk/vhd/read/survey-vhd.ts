import type { EngineError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../source/byte-source.ts';
import { NO_FACTS, type ImageFacts, type ImageSurvey } from '../../image/image-survey.ts';
import type { OpenImageOptions } from '../../image/disk-format.ts';
import { defectError } from '../../inspect/defect.ts';
import { blockCount, UNUSED } from '../structures/layout.ts';
import { printable } from '../structures/footer.ts';
import { vhdError } from '../structures/vhd-errors.ts';
import { PAGE_ENTRIES } from './bat-pages.ts';
import { errorInVhd } from './error-in-vhd.ts';
import { parentPaths } from './parent-paths.ts';
import { VhdImage } from './vhd-image.ts';
import { readParts, type VhdParts } from './vhd-parts.ts';

/** Reads the readable parts of a VHD, however damaged. `source` is closed with the survey. */
export async function surveyVhd(
  source: ByteSource,
  options: OpenImageOptions,
  signal: AbortSignal,
): Promise<ImageSurvey> {
  const parts = await readParts(source, signal);
  const image = VhdImage.of(parts, options.budget);
  return {
    name: source.name,
    size: parts.size?.size,
    fileSize: source.size,
    problems: problemsOf(parts),
    notes: parts.defects.filter(({ severity }) => severity !== undefined && severity !== 'error'),
    image,
    spoiled: undefined,
    logIgnored: false,
    describe: async () => {
      const counted = image === undefined ? undefined : await countBlocks(image, signal);
      return { facts: facts(parts, counted), wrong: counted?.wrong === true };
    },
    close: () => source.close(),
  };
}

/** Returns the defects that make a reader refuse the file, or a part of it, as errors. */
function problemsOf({ defects, source }: VhdParts): readonly EngineError[] {
  return defects.flatMap((defect) => {
    if ((defect.severity ?? 'error') !== 'error') return [];
    const error = defect.error ?? (defect.code === 'vhd.truncated' ? defect.code : undefined);
    if (error === undefined) return [];
    return errorInVhd(defectError(vhdError, { ...defect, error }), source.name);
  });
}

interface Counted {
  readonly present: number;
  readonly absent: number;
  readonly wrong: boolean;
}

/** Counts the blocks by their BAT entries; those of invalid entries are not counted. */
async function countBlocks(image: VhdImage, signal: AbortSignal): Promise<Counted | undefined> {
  const { bat, blockSize } = image;
  if (bat === undefined || blockSize === undefined) return undefined;
  const blocks = blockCount(image.size, blockSize);
  let present = 0;
  let absent = 0;
  for (let first = 0; first < blocks; first += PAGE_ENTRIES) {
    const page = await bat.page(first, signal);
    signal.throwIfAborted();
    for (let i = 0; i < page.byteLength / 4; i++) {
      const entry = page.getUint32(i * 4);
      if (entry === UNUSED) absent++;
      else if (typeof bat.check(first + i, entry) === 'number') present++;
    }
  }
  return { present, absent, wrong: present + absent < blocks };
}

function facts(parts: VhdParts, counted: Counted | undefined): ImageFacts {
  const { footer, subformat, size, header, locators, source } = parts;
  if (footer === undefined || subformat === undefined) return NO_FACTS;
  const blockSize = header?.blockSize ?? null;
  const differencing = subformat === 'differencing';
  const paths = header === undefined ? undefined : parentPaths(header, locators);
  const present = counted?.present ?? 0;
  return {
    ...NO_FACTS,
    subformat,
    virtualSize: size?.size ?? null,
    blockSize,
    logicalSectorSize: 512,
    physicalSectorSize: 512,
    allocatedBytes:
      subformat === 'fixed'
        ? source.size
        : counted === undefined
          ? null
          : present * (blockSize ?? 0),
    diskId: footer.uniqueId,
    dataWriteGuid: null,
    creator: printable(footer.creatorApplication).trimEnd(),
    blocks:
      counted === undefined
        ? null
        : {
            present: differencing ? 0 : present,
            partial: differencing ? present : 0,
            zero: 0,
            notPresent: counted.absent,
            unmapped: 0,
            undefined: 0,
          },
    parent:
      !differencing || header === undefined || paths === undefined
        ? null
        : {
            linkage: header.parentId,
            linkage2: null,
            relativePath: paths.relativePath ?? null,
            absolutePath: paths.absolutePath ?? null,
            volumePath: null,
          },
  };
}
