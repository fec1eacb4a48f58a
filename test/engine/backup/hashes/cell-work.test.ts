import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { cellWork } from '../../../../src/engine/backup/hashes/cell-work.ts';
import { CELL_SIZE } from '../../../../src/engine/backup/hashes/hash-cell.ts';
import { RangeSet } from '../../../../src/engine/base/range-set.ts';

test('cells come once and in order, with the sectors that the ranges touch, whatever the ranges', async () => {
  const range = fc
    .tuple(fc.nat(5 * CELL_SIZE), fc.integer({ min: 1, max: 2 * CELL_SIZE }))
    .map(([start, length]) => ({ start, end: start + length }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(range, { maxLength: 12 }),
      fc.constantFrom(512, 4096),
      fc.integer({ min: 1, max: 6 * 256 }),
      async (list, sector, pages) => {
        const size = pages * 4096;
        const given = RangeSet.of(list).clip({ start: 0, end: size });
        // The plain model: every sector that is touched.
        const touched = new Set<number>();
        for (const { start, end } of given) {
          for (let at = Math.floor(start / sector); at * sector < end; at++) touched.add(at);
        }
        let last = -1;
        const found = new Set<number>();
        for await (const { cell, parts } of cellWork(given, size, sector)) {
          assert.ok(cell > last, 'each cell once, in order');
          last = cell;
          let end = -1;
          for (const part of parts) {
            assert.ok(part.start > end, 'parts do not touch');
            assert.ok(part.start >= cell * CELL_SIZE && part.end <= (cell + 1) * CELL_SIZE);
            assert.equal(part.start % sector, 0);
            assert.equal(part.end % sector, 0);
            assert.ok(part.end <= size);
            end = part.end;
            for (let at = part.start; at < part.end; at += sector) found.add(at / sector);
          }
        }
        assert.deepEqual(
          [...found],
          [...touched].sort((a, b) => a - b),
        );
      },
    ),
    { numRuns: thinned(150) },
  );
});
