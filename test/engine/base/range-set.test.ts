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
