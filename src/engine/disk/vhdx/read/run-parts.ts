import type { Range } from '../../../base/range.ts';

/** The part of a run of blocks that lies in one of the requested ranges. */
export interface RunPart<R> {
  readonly run: R;
  readonly part: Range;
}

/** Splits runs of blocks by ranges, which must be ordered and disjoint. */
export async function* partsOf<R extends { readonly first: number; readonly end: number }>(
  runs: AsyncIterable<readonly R[]>,
  ranges: readonly Range[],
  blockSize: number,
): AsyncGenerator<RunPart<R>[]> {
  let next = 0;
  for await (const batch of runs) {
    const parts: RunPart<R>[] = [];
    for (const run of batch) {
      const [runStart, runEnd] = [run.first * blockSize, run.end * blockSize];
      while ((ranges[next]?.end ?? Infinity) <= runStart) next++;
      for (let i = next; i < ranges.length; i++) {
        const range = ranges[i] as Range;
        const { start, end } = range;
        if (start >= runEnd) break;
        // Usually a whole range that a child left open: reuse the object, since there are millions.
        const part = start >= runStart && end <= runEnd ? range : clip(range, runStart, runEnd);
        parts.push({ run, part });
      }
    }
    yield parts;
  }
}

const clip = ({ start, end }: Range, from: number, to: number): Range => ({
  start: Math.max(start, from),
  end: Math.min(end, to),
});
