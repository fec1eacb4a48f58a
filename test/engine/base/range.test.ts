import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  alignDown,
  alignOut,
  alignUp,
  fromStartLength,
  range,
  splitAt,
  toStartLength,
} from '../../../src/engine/base/range.ts';

const TIB_64 = 64 * 2 ** 40;

test('aligns offsets of the largest disk exactly', () => {
  assert.equal(alignDown(TIB_64 - 1, 2 ** 20), TIB_64 - 2 ** 20);
  assert.equal(alignUp(TIB_64 - 1, 2 ** 20), TIB_64);
  assert.equal(alignUp(0, 4096), 0);
  assert.deepEqual(alignOut({ start: 1, end: 4097 }, 4096), { start: 0, end: 8192 });
});

test('splits at every multiple of the unit', () => {
  assert.deepEqual(
    [...splitAt({ start: 3, end: 11 }, 4)],
    [
      { start: 3, end: 4 },
      { start: 4, end: 8 },
      { start: 8, end: 11 },
    ],
  );
  assert.deepEqual([...splitAt({ start: 4, end: 4 }, 4)], []);
});

test('turns into start and length and back', () => {
  assert.deepEqual(toStartLength({ start: 5, end: 9 }), { start: 5, length: 4 });
  assert.deepEqual(fromStartLength({ start: 5, length: 4 }), { start: 5, end: 9 });
});

test('refuses what is no range of bytes', () => {
  for (const [start, end] of [
    [-1, 2],
    [2, 1],
    [0.5, 2],
    [0, Number.NaN],
    [0, 2 ** 53],
  ] as const) {
    assert.throws(() => range(start, end), { code: 'range.invalid' });
  }
});
