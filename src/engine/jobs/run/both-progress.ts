import { noProgress, regroup, type Progress } from '../../base/progress.ts';

/** Tells two of the same work. */
export function bothProgress(a: Progress, b: Progress): Progress {
  if (b === noProgress) return a;
  const both = [a, b] as const;
  return {
    phase: (...of) => both.forEach((each) => each.phase(...of)),
    regroup: (...of) => both.forEach((each) => regroup(each, ...of)),
    whole: (bytes) => both.forEach((each) => each.whole?.(bytes)),
    advance: (bytes) => both.forEach((each) => each.advance(bytes)),
    note: (text) => both.forEach((each) => each.note(text)),
  };
}
