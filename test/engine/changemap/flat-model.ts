import fc from '../../support/checks/properties.ts';
import { CHANGED, DATA, tagOf, ZERO } from '../../../src/engine/changemap/segments.ts';
import type { Segments } from '../../../src/engine/changemap/segments.ts';
import { SegmentsBuilder } from '../../../src/engine/changemap/segments-builder.ts';

/** Small enough to be looked at byte by byte. */
export const SIZE = 20_000;

export interface FlatSegment {
  readonly start: number;
  readonly end: number;
  readonly states: number;
}

/** Sorted, disjoint segments, some of them touching. */
export const segmentList: fc.Arbitrary<FlatSegment[]> = fc
  .array(
    fc.record({
      gap: fc.oneof(fc.constant(0), fc.nat({ max: 3000 })),
      length: fc.integer({ min: 1, max: 4000 }),
      states: fc.constantFrom(CHANGED, DATA, ZERO, CHANGED | DATA, CHANGED | ZERO),
    }),
    { maxLength: 40 },
  )
  .map((pieces) => {
    const out: FlatSegment[] = [];
    let at = 0;
    for (const { gap, length, states } of pieces) {
      const start = at + gap;
      at = start + length;
      if (at > SIZE) break;
      out.push({ start, end: at, states });
    }
    return out;
  });

export function build(list: readonly FlatSegment[], restUnknown: boolean): Segments {
  const builder = new SegmentsBuilder();
  for (const { start, end, states } of list) builder.add(start, end, tagOf(states));
  return builder.build(SIZE, restUnknown);
}
