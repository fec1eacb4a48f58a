import type { DifferencesAnswer, ImageSurveyInfo } from '../../../engine/api/disk-contents.ts';
import type {
  ComparedImages,
  CompareSide,
  DiskCompareState,
  OpenedImages,
} from '../../api/disk-compare.ts';
import type { ByteSelection } from '../../common/hex/hex-row.ts';

export type DifferingRange = DifferencesAnswer['ranges'][number];

/** State of the comparison of the contents. */
export type Comparing =
  | { readonly type: 'running'; readonly done: number; readonly total: number }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'rest' };

/** Everything that the view shows, except bytes. */
export interface CompareModel {
  readonly status: 'loading' | 'open' | 'failed';
  readonly opened: OpenedImages | undefined;
  readonly failure: { readonly code: string; readonly message: string } | undefined;
  readonly surveys: Readonly<Partial<Record<CompareSide, ImageSurveyInfo>>>;
  readonly marked: ByteSelection;
  /** The differences found so far, in order. */
  readonly ranges: readonly DifferingRange[];
  /** Offset from which the comparison continues; null at the end of the disks. */
  readonly next: number | null;
  readonly comparing: Comparing;
}

export type CompareAction =
  | { readonly type: 'load' }
  | { readonly type: 'opened'; readonly opened: OpenedImages }
  | {
      readonly type: 'failed';
      readonly failure: { readonly code: string; readonly message: string };
    }
  | { readonly type: 'surveyed'; readonly side: CompareSide; readonly survey: ImageSurveyInfo }
  | { readonly type: 'mark'; readonly marked: ByteSelection }
  | { readonly type: 'comparing'; readonly comparing: Comparing }
  | { readonly type: 'compared'; readonly answer: DifferencesAnswer };

export function initialModel(kept: DiskCompareState | undefined): CompareModel {
  return {
    status: 'loading',
    opened: undefined,
    failure: undefined,
    surveys: {},
    marked: kept?.marked ?? { offset: 0, length: 1 },
    ranges: [],
    next: 0,
    comparing: { type: 'rest' },
  };
}

/** Returns the size of the longer disk; 0 while nothing is open. */
export const longerSize = ({ opened }: Pick<CompareModel, 'opened'>): number =>
  opened === undefined ? 0 : Math.max(sizeOf(opened.images.left), sizeOf(opened.images.right));

export const sizeOf = ({ virtualSize }: { readonly virtualSize: number | null }): number =>
  virtualSize ?? 0;

export function reduce(model: CompareModel, action: CompareAction): CompareModel {
  switch (action.type) {
    case 'load':
      return { ...model, status: 'loading', failure: undefined };
    case 'opened': {
      const { opened } = action;
      return {
        ...model,
        status: 'open',
        opened,
        failure: undefined,
        surveys: {},
        marked: within(model.marked, longerSize({ opened })),
        ranges: [],
        next: 0,
        comparing: { type: 'rest' },
      };
    }
    case 'failed':
      return { ...model, status: 'failed', failure: action.failure };
    case 'surveyed':
      return { ...model, surveys: { ...model.surveys, [action.side]: action.survey } };
    case 'mark':
      return { ...model, marked: within(action.marked, longerSize(model)) };
    case 'comparing':
      return { ...model, comparing: action.comparing };
    case 'compared': {
      const { ranges, next } = action.answer;
      return { ...model, ranges: [...model.ranges, ...ranges], next, comparing: { type: 'rest' } };
    }
  }
}

function within({ offset, length }: ByteSelection, size: number): ByteSelection {
  const start = Math.max(0, Math.min(size - 1, Math.floor(offset)));
  return { offset: start, length: Math.max(1, Math.min(size - start, Math.floor(length))) };
}

/** Returns the index of the last range that begins at or before the offset; -1 before the first. */
export function rangeBefore(ranges: readonly DifferingRange[], offset: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.start ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Returns the state for setState. */
export const stateOf = ({ marked }: CompareModel, images: ComparedImages): DiskCompareState => ({
  version: 1,
  images,
  marked,
});

/** Parses a stored state, which an earlier version may have written. */
export function parseState(value: unknown): DiskCompareState | undefined {
  const state = value as Partial<DiskCompareState> | null | undefined;
  if (state?.version !== 1) return undefined;
  const { left, right } = state.images ?? {};
  if (typeof left !== 'string' || typeof right !== 'string') return undefined;
  const { offset, length } = state.marked ?? {};
  const whole = (number: unknown, least: number): number =>
    Number.isSafeInteger(number) && (number as number) >= least ? (number as number) : least;
  return {
    version: 1,
    images: { left, right },
    marked: { offset: whole(offset, 0), length: whole(length, 1) },
  };
}
