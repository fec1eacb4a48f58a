import type { AnatomyInfo } from '../../../engine/api/anatomy.ts';
import type { ComparedImages, CompareSide } from '../../api/disk-compare.ts';
import type { DiskCompareStrings } from '../../api/disk-compare-strings.ts';
import { hexOffset } from '../../common/hex/hex-format.ts';
import { fill, type Format } from '../../common/words/format.ts';
import { plainText } from '../../common/words/plain-text.ts';
import { longerSize, sizeOf, type CompareModel } from './store.ts';

const FORMATS = { vhdx: 'VHDX', vhd: 'VHD', vhds: 'VHD Set', qcow2: 'qcow2', raw: 'raw' } as const;

export const SIDES = ['left', 'right'] as const;

/** Formats facts of the comparison as text. */
export class CompareWords {
  readonly strings: DiskCompareStrings;
  readonly format: Format;
  /** Names of the files; with their folders if both have the same name. */
  readonly names: Readonly<Record<CompareSide, string>>;

  constructor(strings: DiskCompareStrings, format: Format, paths: ComparedImages) {
    this.strings = strings;
    this.format = format;
    this.names = shortNames(paths);
  }

  facts({ format, subformat, virtualSize }: AnatomyInfo): string {
    const name = FORMATS[format];
    const kind = subformat === null ? name : fill(this.strings.fact, name, this.strings[subformat]);
    if (virtualSize === null) return kind;
    return fill(this.strings.fact, kind, this.format.bytes(virtualSize));
  }

  /** `0x10000 (65,536)`. */
  offset(offset: number): string {
    return fill(this.strings.atByte, hexOffset(offset), this.format.count(offset));
  }

  /** The result of the comparison so far, as one sentence. */
  result(model: CompareModel): string {
    const { strings, format } = this;
    const { comparing, ranges, next } = model;
    if (comparing.type === 'running') {
      const { done, total } = comparing;
      if (total === 0) return strings.comparing;
      return fill(strings.comparingShare, format.percent(done, total));
    }
    if (comparing.type === 'cancelled') return strings.comparedCancelled;
    if (comparing.type === 'failed') return fill(strings.comparedFailed, comparing.message);
    const count = format.count(ranges.length);
    if (next !== null) return fill(strings.moreRanges, count, this.offset(next));
    const bytes = format.bytes(ranges.reduce((sum, { length }) => sum + length, 0));
    if (ranges.length === 1) return fill(strings.oneRange, bytes);
    if (ranges.length > 0) return fill(strings.someRanges, count, bytes);
    return sameSize(model) ? strings.equal : strings.equalSizes;
  }

  /** Returns what limits the result: other sizes, lost parts, parents that were not followed. */
  limits(model: CompareModel): readonly string[] {
    const { strings, format } = this;
    const { opened, surveys } = model;
    if (opened === undefined) return [];
    const limits: string[] = [];
    if (!sameSize(model)) limits.push(strings.sizesDiffer);
    for (const side of SIDES) {
      const { subformat } = opened.images[side];
      if (!opened.trusted && subformat === 'differencing') {
        limits.push(fill(strings.restricted, this.names[side]));
      }
      const { lostBytes = 0 } = surveys[side] ?? {};
      if (lostBytes > 0) limits.push(fill(strings.lost, format.bytes(lostBytes), this.names[side]));
    }
    return limits;
  }
}

const sameSize = (model: CompareModel): boolean =>
  SIDES.every((side) => {
    const image = model.opened?.images[side];
    return image === undefined || sizeOf(image) === longerSize(model);
  });

/** Returns the names of two files, with as many folders as tell them apart. */
function shortNames({ left, right }: ComparedImages): Readonly<Record<CompareSide, string>> {
  const [a, b] = [left, right].map((path) => path.split(/[\\/]/));
  if (a === undefined || b === undefined) return { left, right };
  const most = Math.max(a.length, b.length);
  let count = 1;
  while (count < most && a.slice(-count).join('/') === b.slice(-count).join('/')) count++;
  const name = (parts: readonly string[]): string => plainText(parts.slice(-count).join('/'));
  return { left: name(a), right: name(b) };
}
