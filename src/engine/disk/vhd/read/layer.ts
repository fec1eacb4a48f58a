import type { Range } from '../../../base/range.ts';
import type { LayerExtent, LostExtent } from '../../image/image.ts';

/** Extents of one kind of VHD file. Ranges are ordered, disjoint and inside the disk. */
export interface Layer {
  extents(
    ranges: readonly Range[],
    signal: AbortSignal,
  ): AsyncIterable<readonly (LayerExtent | LostExtent)[]>;
}

/** Appends an extent; one that continues the last extends it. */
export function append(out: (LayerExtent | LostExtent)[], next: LayerExtent): void {
  const last = out.at(-1);
  const joins =
    last !== undefined &&
    last.kind !== 'lost' &&
    last.end === next.start &&
    last.kind === next.kind &&
    (next.kind !== 'data' || last.offset + last.end - last.start === next.offset);
  if (joins) out[out.length - 1] = { ...last, end: next.end };
  else out.push(next);
}
