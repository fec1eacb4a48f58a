import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../support/checks/properties.ts';
import { RangeSet } from '../../../src/engine/base/range-set.ts';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import type { Range } from '../../../src/engine/base/range.ts';

const SIZE = 64;
const anyRange = fc
  .tuple(fc.nat(SIZE), fc.nat(SIZE))
  .map(([a, b]): Range => ({ start: Math.min(a, b), end: Math.max(a, b) }));
const anyRanges = fc.array(anyRange, { maxLength: 12 });

/** The flat model: one flag per byte. */
function flags(ranges: Iterable<Range>): boolean[] {
  const out = Array.from({ length: SIZE }, () => false);
  for (const r of ranges) out.fill(true, r.start, r.end);
  return out;
}

test('is sorted, merged and holds no empty range, whatever it was made of', () => {
  fc.assert(
    fc.property(anyRanges, (ranges) => {
      const set = RangeSet.of(ranges);
      let previousEnd = -1;
      for (const r of set) {
        assert.ok(r.start > previousEnd, 'ranges neither touch nor overlap');
        assert.ok(r.end > r.start);
        previousEnd = r.end;
      }
      assert.deepEqual(flags(set), flags(ranges));
      assert.equal(set.bytes, flags(ranges).filter(Boolean).length);
    }),
  );
});

test('union, intersection and difference agree with one flag per byte', () => {
  fc.assert(
    fc.property(anyRanges, anyRanges, (one, two) => {
      const a = RangeSet.of(one);
      const b = RangeSet.of(two);
      const [fa, fb] = [flags(one), flags(two)];
      assert.deepEqual(
        flags(a.union(b)),
        fa.map((x, i) => x || fb[i] === true),
      );
      assert.deepEqual(
        flags(a.intersect(b)),
        fa.map((x, i) => x && fb[i] === true),
      );
      assert.deepEqual(
        flags(a.subtract(b)),
        fa.map((x, i) => x && fb[i] !== true),
      );
      assert.ok(a.union(b).equals(b.union(a)));
      assert.ok(a.subtract(b).union(a.intersect(b)).equals(a));
      for (const window of two) {
        assert.deepEqual(flags(a.clip(window)), flags(a.intersect(RangeSet.of([window]))));
        assert.equal(a.covers(window), fa.slice(window.start, window.end).every(Boolean));
      }
    }),
  );
});

test('aligning grows every range to whole units and merges what then touches', () => {
  fc.assert(
    fc.property(anyRanges, fc.constantFrom(1, 4, 8, 16), (ranges, unit) => {
      const set = RangeSet.of(ranges).align(unit);
      const units = flags(ranges);
      const expected = Array.from({ length: SIZE }, (_, i) => {
        const first = i - (i % unit);
        return units.slice(first, first + unit).some(Boolean);
      });
      assert.deepEqual(flags(set), expected);
    }),
  );
});

test('clips to a window and says what it covers', () => {
  const set = RangeSet.of([
    { start: 0, end: 10 },
    { start: 20, end: 30 },
  ]);
  assert.deepEqual(set.clip({ start: 5, end: 25 }).ranges, [
    { start: 5, end: 10 },
    { start: 20, end: 25 },
  ]);
  assert.equal(set.covers({ start: 21, end: 30 }), true);
  assert.equal(set.covers({ start: 9, end: 21 }), false);
  assert.equal(set.covers({ start: 15, end: 15 }), true);
});

test('refuses a range whose end lies before its start', () => {
  assert.throws(
    () => RangeSet.of([{ start: 2, end: 1 }]),
    (error) => isEngineError(error, 'range.invalid'),
  );
});

test('long sets are as short ones', () => {
  const COUNT = 50_000;
  const at = (i: number, length = 3): Range => ({ start: 10 * i, end: 10 * i + length });
  const list = Array.from({ length: COUNT }, (_, i) => at(i));
  const set = RangeSet.of(list);
  assert.equal(set.count, COUNT);
  assert.equal(set.bytes, 3 * COUNT);
  assert.deepEqual(set.ranges, list);
  assert.ok(RangeSet.of(list.toReversed()).equals(set));
  const [even, odd] = [0, 1].map((rest) => RangeSet.of(list.filter((_, i) => i % 2 === rest)));
  assert.ok(even !== undefined && odd !== undefined);
  assert.ok(even.union(odd).equals(set));
  assert.ok(set.subtract(even).equals(odd));
  assert.ok(set.intersect(even).equals(even));
  assert.deepEqual(set.align(10).ranges, [{ start: 0, end: 10 * COUNT }]);
  for (const i of [0, 16_383, 16_384, 16_385, 32_768, COUNT - 1]) {
    assert.deepEqual(set.clip(at(i, 5)).ranges, [at(i)]);
    assert.deepEqual(set.clip({ start: 10 * i + 1, end: Infinity }, 1).ranges, [
      { start: 10 * i + 1, end: 10 * i + 3 },
    ]);
    assert.equal(set.covers(at(i)), true);
    assert.equal(set.covers(at(i, 4)), false);
  }
});
