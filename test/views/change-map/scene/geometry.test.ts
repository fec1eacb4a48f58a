import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../support/checks/properties.ts';
import { TILE_CELLS } from '../../../../src/engine/api/change-map.ts';
import { clampCamera } from '../../../../src/views/change-map/scene/camera.ts';
import {
  coarser,
  levelFor,
  overviewLevel,
  pieces,
  strips,
} from '../../../../src/views/change-map/scene/geometry.ts';

const view = { width: 1200, height: 700, pitch: 18 };
const SIZE = 2 ** 42 + 12_345;

const cameras = fc
  .record({
    start: fc.double({ min: 0, max: SIZE, noNaN: true }),
    bytesPerRow: fc.double({ min: 30_000, max: SIZE, noNaN: true }),
    shift: fc.double({ min: 0, max: 0.999, noNaN: true }),
  })
  .map((camera) => clampCamera(camera, view, SIZE));

test('a cell is at least a pixel and less than two, but for sectors', () => {
  fc.assert(
    fc.property(fc.double({ min: 512, max: 2 ** 46, noNaN: true }), (bytesPerRow) => {
      const level = levelFor(bytesPerRow, 1200);
      const pixels = (2 ** level / bytesPerRow) * 1200;
      assert.ok(pixels >= 1 - 1e-9);
      if (level > 9) assert.ok(pixels < 2);
    }),
  );
});

test('the pieces of the rows in view are all of their bytes, in order, each within its tile', () => {
  fc.assert(
    fc.property(cameras, (camera) => {
      const level = levelFor(camera.bytesPerRow, view.width);
      const cell = 2 ** level;
      let at = Math.max(0, camera.start);
      for (const piece of pieces(camera, view, SIZE, level)) {
        const start = (piece.tile * TILE_CELLS + piece.cell0) * cell;
        assert.ok(Math.abs(start - at) < cell * 1e-3 + 1, 'they follow one another');
        assert.ok(piece.cell0 >= 0 && piece.cell1 <= TILE_CELLS && piece.cell0 < piece.cell1);
        assert.ok(piece.x0 >= -1e-6 && piece.x1 <= view.width + 1e-3);
        at = (piece.tile * TILE_CELLS + piece.cell1) * cell;
      }
      assert.ok(at <= SIZE + 1);
    }),
  );
});

test('a coarser tile has the same bytes', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1_000_000 }), fc.integer({ min: 1, max: 12 }), (tile, up) => {
      const piece = { x0: 0, x1: 10, y: 0, tile, cell0: 128, cell1: 4000 };
      const big = coarser(piece, up);
      const scale = 2 ** up;
      assert.equal((big.tile * TILE_CELLS + big.cell0) * scale, tile * TILE_CELLS + 128);
      assert.equal((big.tile * TILE_CELLS + big.cell1) * scale, tile * TILE_CELLS + 4000);
    }),
  );
});

test('one tile of the overview holds the whole disk', () => {
  for (const size of [1, 512, 2 ** 21, 2 ** 21 + 1, 2 ** 40 - 1, 2 ** 46]) {
    const level = overviewLevel(size);
    assert.ok(TILE_CELLS * 2 ** level >= size);
    if (level > 9) assert.ok(TILE_CELLS * 2 ** (level - 1) < size);
  }
});

test('the strips of a range are where its bytes are drawn', () => {
  const camera = { start: 1000, bytesPerRow: 100, shift: 0 };
  const small = { width: 1000, height: 90, pitch: 18 };
  assert.deepEqual(strips(camera, small, { start: 1050, end: 1210 }), [
    { x0: 500, x1: 1000, y: 0, opens: true, closes: false },
    { x0: 0, x1: 1000, y: 18, opens: false, closes: false },
    { x0: 0, x1: 100, y: 36, opens: false, closes: true },
  ]);
  assert.deepEqual(strips(camera, small, { start: 0, end: 1000 }), []);
  assert.equal(strips(camera, small, { start: 0, end: 1e9 }).length, 5);
  assert.deepEqual(strips(camera, small, { start: 5000, end: 6000 }), []);
});
