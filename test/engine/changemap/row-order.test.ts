import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../support/checks/properties.ts';
import { ROW_SORTS } from '../../../src/engine/api/change-map.ts';
import type { PartitionInfo } from '../../../src/engine/api/guest/inspection.ts';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import { orderedRows } from '../../../src/engine/changemap/row-order.ts';
import {
  pageRows,
  placeAt,
  rowIndexOf,
  seekChange,
  type RowContext,
} from '../../../src/engine/changemap/rows.ts';
import { CHANGED, DATA, tagOf, type Segments } from '../../../src/engine/changemap/segments.ts';
import { SegmentsBuilder } from '../../../src/engine/changemap/segments-builder.ts';
import { build, segmentList, SIZE } from './flat-model.ts';

const context = (segments: Segments, partitions: readonly PartitionInfo[] = []): RowContext => ({
  segments,
  points: ['b', 'a'],
  partitions,
  changesUnknown: false,
  allocationUnknown: segments.restUnknown,
});

const partition = (number: number, start: number, length: number): PartitionInfo => ({
  number,
  start,
  length,
  type: 'Linux filesystem',
  name: null,
  volume: null,
});

test('a row ends where a partition does: each row lies in one partition', () => {
  const builder = new SegmentsBuilder();
  builder.add(100, 900, tagOf(DATA, 0));
  const { segments } = context(builder.build(1000, false));
  const parts = [partition(1, 50, 150), partition(2, 200, 300), partition(3, 700, 200)];
  const whole = context(segments, parts);
  assert.deepEqual(
    pageRows(whole, 0, 10).map(({ start, length, partition: at }) => [start, length, at]),
    [
      [100, 100, 1],
      [200, 300, 2],
      [500, 200, null],
      [700, 200, 3],
    ],
  );
  const { start, length, row, partition: at } = placeAt(whole, 650);
  assert.deepEqual([start, length, row, at], [500, 200, 2, null]);
});

const partitions = fc
  .uniqueArray(fc.nat({ max: SIZE }), { maxLength: 8 })
  .map((borders) => borders.toSorted((a, b) => a - b))
  .map((borders) =>
    borders
      .slice(1)
      .flatMap((end, i) => [partition(i + 1, borders[i] as number, end - (borders[i] as number))]),
  );

test('rows cover the bytes of the segments once, cross no border, and every offset finds its own', () => {
  fc.assert(
    fc.property(segmentList, partitions, fc.nat({ max: SIZE - 1 }), (flat, parts, offset) => {
      const whole = context(build(flat, false), parts);
      const rows = pageRows(whole, 0, 1000);
      assert.equal(rows.length, rowIndexOf(whole).total);
      const sum = rows.reduce((total, { length }) => total + length, 0);
      assert.equal(
        sum,
        flat.reduce((total, { start, end }) => total + end - start, 0),
      );
      const borders = parts.flatMap(({ start, length }) => [start, start + length]);
      for (const { start, length } of rows) {
        assert.ok(!borders.some((border) => start < border && border < start + length));
      }
      const { row, start } = placeAt(whole, offset);
      const next = rows.findIndex((each) => each.start + each.length > offset);
      assert.equal(row, next < 0 ? rows.length : next);
      if (next >= 0 && (rows[next]?.start ?? 0) <= offset) assert.equal(start, rows[next]?.start);
    }),
  );
});

test('the next and the previous change are those that a reader of the bytes finds', () => {
  fc.assert(
    fc.property(segmentList, fc.nat({ max: SIZE - 1 }), (flat, offset) => {
      const changed = new Uint8Array(SIZE);
      for (const { start, end, states } of flat) {
        if ((states & CHANGED) !== 0) changed.fill(1, start, end);
      }
      const starts = [...changed.keys()].filter((i) => changed[i] === 1 && changed[i - 1] !== 1);
      const own = changed[offset] === 1 ? starts.findLast((start) => start <= offset) : undefined;
      const whole = context(build(flat, false));
      assert.equal(
        seekChange(whole, offset, 'next')?.start,
        starts.find((start) => start > offset),
      );
      assert.equal(
        seekChange(whole, offset, 'previous')?.start,
        starts.findLast((start) => start < (own ?? offset)),
      );
    }),
  );
});

test('rows are filtered and sorted, equal ones in the order of the disk; odd orders are refused', () => {
  const builder = new SegmentsBuilder();
  builder.add(0, 30, tagOf(DATA, 0));
  builder.add(40, 50, tagOf(CHANGED | DATA, 1));
  builder.add(60, 70, tagOf(DATA, 1));
  builder.add(80, 100, tagOf(CHANGED, 0));
  const whole = context(builder.build(200, false), [partition(1, 0, 55), partition(2, 55, 145)]);
  const starts = (sort: (typeof ROW_SORTS)[number], descending = false, changedOnly = false) => {
    const order = orderedRows(whole, { sort, descending, changedOnly });
    return pageRows(whole, 0, 10, order).map(({ start }) => start);
  };
  assert.deepEqual(starts('start'), [0, 40, 60, 80]);
  assert.deepEqual(starts('start', true), [80, 60, 40, 0]);
  assert.deepEqual(starts('start', false, true), [40, 80]);
  assert.deepEqual(starts('length'), [40, 60, 80, 0]);
  assert.deepEqual(starts('length', true), [0, 80, 40, 60]);
  assert.deepEqual(starts('length', true, true), [80, 40]);
  assert.deepEqual(starts('state'), [40, 80, 0, 60]);
  assert.deepEqual(starts('partition', true), [60, 80, 0, 40]);
  assert.deepEqual(starts('point'), [40, 60, 0, 80], 'by name, not by number');
  for (const sort of ['constructor', '', undefined]) {
    assert.throws(
      () => orderedRows(whole, { sort, descending: false, changedOnly: false } as never),
      (error) => isEngineError(error, 'map.request'),
    );
  }
});
