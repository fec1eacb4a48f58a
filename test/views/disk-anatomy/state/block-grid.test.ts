import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../support/checks/properties.ts';
import {
  gridOf,
  revealed,
  scrolled,
  TILE_CELLS,
  tilesOf,
  WHOLE_DISK,
  windowOf,
  zoomed,
  type BlockCamera,
} from '../../../../src/views/disk-anatomy/state/block-grid.ts';

const sizes = fc.record({
  width: fc.integer({ min: 1, max: 3000 }),
  height: fc.integer({ min: 1, max: 2000 }),
  total: fc.integer({ min: 1, max: 2 ** 26 }),
});

test('the whole disk is in view, whatever its size and that of its place', () => {
  fc.assert(
    fc.property(sizes, ({ width, height, total }) => {
      const grid = gridOf(width, height, total);
      const window = windowOf(WHOLE_DISK, total, grid);
      assert.equal(window.from, 0);
      assert.ok(window.cells * window.perCell >= total);
      assert.ok((window.cells - 1) * window.perCell < total);
      assert.ok(window.cells <= grid.columns * grid.rows);
      // Coarser than needed it is not.
      if (window.perCell > 1) assert.ok((window.perCell / 2) * grid.columns * grid.rows < total);
    }),
  );
});

test('few blocks have larger cells than many', () => {
  assert.equal(gridOf(600, 400, 8).pitch, 26);
  assert.equal(gridOf(600, 400, 2 ** 26).columns * 13 <= 600, true);
  const middle = gridOf(600, 400, 600).pitch;
  assert.ok(middle > 13 && middle < 26, `${middle}`);
});

test('what is in view begins with a row, ends with the disk, and holds the block that is looked for', () => {
  fc.assert(
    fc.property(
      sizes,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.array(fc.constantFrom('in', 'out', 'down', 'up'), { maxLength: 30 }),
      ({ width, height, total }, share, moves) => {
        const grid = gridOf(width, height, total);
        const block = Math.floor(share * total);
        let camera: BlockCamera = WHOLE_DISK;
        for (const move of moves) {
          if (move === 'in' || move === 'out') {
            camera = zoomed(camera, total, grid, block, move === 'in');
          } else camera = scrolled(camera, total, grid, move === 'down' ? 3 : -3);
        }
        camera = revealed(camera, total, grid, block);
        const { from, perCell, cells } = windowOf(camera, total, grid);
        assert.equal(from % (grid.columns * perCell), 0);
        assert.ok(
          block >= from && block < from + cells * perCell,
          `${block} in ${from}+${cells}*${perCell}`,
        );
        assert.ok(from + (cells - 1) * perCell < total);
      },
    ),
  );
});

test('zooming in goes to one block a cell, and out again to the whole disk', () => {
  const total = 2 ** 26;
  const grid = gridOf(600, 400, total);
  let camera: BlockCamera = WHOLE_DISK;
  let steps = 0;
  while (windowOf(camera, total, grid).perCell > 1) {
    camera = zoomed(camera, total, grid, 12_345_678, true);
    steps++;
    const { from, cells, perCell } = windowOf(camera, total, grid);
    assert.ok(12_345_678 >= from && 12_345_678 < from + cells * perCell);
  }
  for (let i = 0; i < steps; i++) camera = zoomed(camera, total, grid, 12_345_678, false);
  assert.deepEqual(camera, WHOLE_DISK);
});

test('tiles cover what is in view and no more', () => {
  assert.deepEqual(tilesOf({ perCell: 1, from: 0, cells: 1 }), [{ perCell: 1, index: 0 }]);
  assert.deepEqual(tilesOf({ perCell: 4, from: 4 * (TILE_CELLS - 1), cells: 2 }), [
    { perCell: 4, index: 0 },
    { perCell: 4, index: 1 },
  ]);
  assert.deepEqual(tilesOf({ perCell: 2, from: 2 * TILE_CELLS, cells: TILE_CELLS }), [
    { perCell: 2, index: 1 },
  ]);
});
