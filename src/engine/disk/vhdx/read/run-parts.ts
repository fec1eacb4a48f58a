import type { EngineError } from '../../../base/errors.ts';
import { alignDown, type Range } from '../../../base/range.ts';
import type { LayerExtent, LostExtent } from '../../image/image.ts';
import type { BlockRun, LostRun } from './bat-reader.ts';

/** The part of a run of blocks that lies in one of the requested ranges. */
export interface RunPart<R> {
  readonly run: R;
  readonly part: Range;
}

/** Throws if the part belongs to blocks with invalid entries. */
export function readable({ run, part }: RunPart<BlockRun | LostRun>): RunPart<BlockRun> {
  if ('error' in run) throw run.error;
  return { run, part };
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
