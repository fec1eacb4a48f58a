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

/**
 * Splits runs of blocks by ranges, which must be ordered and disjoint.
 * @param wanted tells which runs to split; the others have no parts. Undefined: all.
 */
export async function* partsOf<R extends { readonly first: number; readonly end: number }>(
  runs: AsyncIterable<readonly R[]>,
  ranges: readonly Range[],
  blockSize: number,
  wanted: ((run: R) => boolean) | undefined,
): AsyncGenerator<RunParts<R>> {
  let next = 0;
  for await (const batch of runs) {
    const of: R[] = [];
    const parts: Range[] = [];
    for (const run of batch) {
      if (wanted?.(run) === false) continue;
      const [runStart, runEnd] = [run.first * blockSize, run.end * blockSize];
      next = firstBehind(ranges, next, runStart);
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

/**
 * Returns the index, from `from` on, of the first range that ends behind an offset. Steps of
 * growing length: the range is near, or thousands away.
 */
function firstBehind(ranges: readonly Range[], from: number, offset: number): number {
  const before = (at: number): boolean => (ranges[at]?.end ?? Infinity) <= offset;
  let [low, step] = [from, 1];
  if (!before(low)) return low;
  while (before(low + step)) {
    low += step;
    step *= 2;
  }
  // The range at `low` ends before the offset, the one at `high` does not.
  for (let high = low + step; high - low > 1;) {
    const middle = (low + high) >>> 1;
    if (before(middle)) low = middle;
    else high = middle;
  }
  return low + 1;
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
