import type { EngineError } from '../../../base/errors.ts';
import { alignDown, type Range } from '../../../base/range.ts';
import type { LayerExtent, LostExtent } from '../../image/image.ts';

/**
 * Parts of runs of blocks that lie in requested ranges, in order: part `i` belongs to run `i`. Two
 * lists instead of a list of pairs, since there are millions.
 */
export interface RunParts<R> {
  readonly runs: readonly R[];
  readonly parts: readonly Range[];
}

/** Splits runs of blocks by ranges, which must be ordered and disjoint. */
export async function* partsOf<R extends { readonly first: number; readonly end: number }>(
  runs: AsyncIterable<readonly R[]>,
  ranges: readonly Range[],
  blockSize: number,
): AsyncGenerator<RunParts<R>> {
  let next = 0;
  for await (const batch of runs) {
    const of: R[] = [];
    const parts: Range[] = [];
    for (const run of batch) {
      const [runStart, runEnd] = [run.first * blockSize, run.end * blockSize];
      while ((ranges[next]?.end ?? Infinity) <= runStart) next++;
      for (let i = next; i < ranges.length; i++) {
        const range = ranges[i] as Range;
        const { start, end } = range;
        if (start >= runEnd) break;
        // Usually a whole range that a child left open: reuse the object.
        parts.push(start >= runStart && end <= runEnd ? range : clip(range, runStart, runEnd));
        of.push(run);
      }
    }
    yield { runs: of, parts };
  }
}

/** Splits data that the file holds in part: whole sectors in front of its end are readable. */
export function cutAt(
  extent: LayerExtent | LostExtent,
  fileSize: number,
  error: EngineError,
  { logicalSectorSize }: { readonly logicalSectorSize: number },
): (LayerExtent | LostExtent)[] {
  if (extent.kind !== 'data') return [extent];
  const { start, end, offset } = extent;
  const there = Math.max(0, alignDown(fileSize - offset, logicalSectorSize));
  if (there >= end - start) return [extent];
  const lost: LostExtent = { start: start + there, end, kind: 'lost', error };
  return there === 0 ? [lost] : [{ ...extent, end: start + there }, lost];
}

const clip = ({ start, end }: Range, from: number, to: number): Range => ({
  start: Math.max(start, from),
  end: Math.min(end, to),
});
