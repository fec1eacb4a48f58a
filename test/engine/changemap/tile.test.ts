import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../support/checks/properties.ts';
import { TILE_CELLS } from '../../../src/engine/api/change-map.ts';
import { CHANGED, DATA, tagOf, ZERO } from '../../../src/engine/changemap/segments.ts';
import type { Segments } from '../../../src/engine/changemap/segments.ts';
import { SegmentsBuilder } from '../../../src/engine/changemap/segments-builder.ts';
import { tileCells } from '../../../src/engine/changemap/tile.ts';
import { build, segmentList, SIZE, type FlatSegment } from './flat-model.ts';

/** Coverage of every cell of a tile, byte by byte. */
function flatCells(list: readonly FlatSegment[], level: number, index: number, rest: boolean) {
  const tags = new Uint8Array(SIZE);
  for (const { start, end, states } of list) tags.fill(states, start, end);
  const cell = 2 ** level;
  const out = new Uint8Array(TILE_CELLS * 4);
  for (let i = 0; i < TILE_CELLS; i++) {
    const start = (index * TILE_CELLS + i) * cell;
    const bytes = tags.subarray(Math.min(start, SIZE), Math.min(start + cell, SIZE));
    const share = (has: (tag: number) => boolean): number => {
      const count = bytes.filter(has).length;
      if (count === 0) return 0;
      if (count === bytes.length) return 255;
      return Math.max(1, Math.min(254, Math.round((count / bytes.length) * 255)));
    };
    [CHANGED, DATA, ZERO].forEach((state, c) => {
      out[i * 4 + c] = share((tag) => (tag & state) !== 0);
    });
    if (rest) out[i * 4 + 3] = share((tag) => tag === 0);
  }
  return out;
}

function allCells(segments: Segments, level: number, index: number): Uint8Array {
  const tile = tileCells(segments, level, index);
  if ('cells' in tile) return tile.cells;
  return Uint8Array.from({ length: TILE_CELLS * 4 }, (_, i) => tile.fill[i % 4] as number);
}

test('a tile says of each cell what a byte by byte model says', () => {
  fc.assert(
    fc.property(
      segmentList,
      fc.integer({ min: 0, max: 9 }),
      fc.nat({ max: 3 }),
      fc.boolean(),
      (list, level, index, rest) => {
        const got = allCells(build(list, rest), level, index);
        assert.deepEqual(got, flatCells(list, level, index, rest));
      },
    ),
    { numRuns: thinned(150) },
  );
});

test('a single sector of 64 TiB is seen at every level, and so is a single hole', () => {
  const size = 2 ** 46;
  const at = 2 ** 45 + 512 * 7;
  const one = new SegmentsBuilder();
  one.add(at, at + 512, tagOf(CHANGED));
  const hole = new SegmentsBuilder();
  hole.add(0, at, tagOf(CHANGED));
  hole.add(at + 512, size, tagOf(CHANGED));
  const [few, most] = [one.build(size, true), hole.build(size, true)];
  for (let level = 10; level <= 34; level++) {
    const index = Math.floor(at / (TILE_CELLS * 2 ** level));
    const cell = Math.floor(at / 2 ** level) - index * TILE_CELLS;
    const seen = allCells(few, level, index);
    assert.ok((seen[cell * 4] as number) > 0 && (seen[cell * 4] as number) < 255);
    assert.equal(seen[cell * 4 + 3], level === 9 ? 0 : Math.max(1, seen[cell * 4 + 3] as number));
    assert.ok((allCells(most, level, index)[cell * 4] as number) < 255);
  }
});

test('tiles of one value have no cells', () => {
  const builder = new SegmentsBuilder();
  builder.add(0, 2 ** 30, tagOf(DATA));
  const segments = builder.build(2 ** 31, false);
  assert.deepEqual(tileCells(segments, 9, 3), { fill: [0, 255, 0, 0] });
  assert.deepEqual(tileCells(segments, 9, 2 ** 30 / 2 ** 21), { fill: [0, 0, 0, 0] });
  assert.deepEqual(tileCells(segments, 9, 2 ** 40), { fill: [0, 0, 0, 0] });
  assert.deepEqual(tileCells(new SegmentsBuilder().build(2 ** 31, true), 12, 0), {
    fill: [0, 0, 0, 255],
  });
});

test('ten million ranges become tiles in well under a second (printed)', () => {
  for (const count of [1_000_000, 10_000_000]) {
    const builder = new SegmentsBuilder();
    const step = 2 ** 46 / count;
    for (let i = 0; i < count; i++) {
      const start = Math.floor((i * step) / 512) * 512;
      builder.add(start, start + 512 * (1 + (i % 7)), tagOf(CHANGED));
    }
    const began = performance.now();
    const segments = builder.build(2 ** 46, true);
    const built = performance.now();
    // What a screen of 1200 × 40 cells and its strip ask first, then after zooming in.
    for (let index = 0; index < 16; index++) tileCells(segments, 30, index);
    const drawn = performance.now();
    for (let index = 0; index < 16; index++) tileCells(segments, 20, 4096 + index);
    const zoomed = performance.now();
    console.log(
      `${count} ranges: index ${Math.round(built - began)} ms, first 16 tiles ${Math.round(drawn - built)} ms, 16 more zoomed in ${Math.round(zoomed - drawn)} ms`,
    );
    assert.ok(drawn - began < 5000);
  }
});
