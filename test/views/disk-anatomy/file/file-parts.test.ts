import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../support/checks/properties.ts';
import type { FileRegion, RegionKind } from '../../../../src/engine/api/anatomy.ts';
import {
  partAt,
  partBoxes,
  sumsByKind,
} from '../../../../src/views/disk-anatomy/file/file-parts.ts';

const part = (kind: RegionKind, start: number, length: number): FileRegion => ({
  kind,
  label: `${kind} at ${start}`,
  start,
  length,
});

test('the part that holds a byte is found, as by looking at each', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 0, max: 3500 }),
      (lengths, offset) => {
        let at = 0;
        const parts = lengths.map((length) => {
          at += length;
          return part('payload', at - length, length);
        });
        const expected = parts.find(
          ({ start, length }) => offset >= start && offset < start + length,
        );
        assert.equal(partAt(parts, offset), expected);
      },
    ),
  );
});

test('a part under a shorter one that begins within it is still found', () => {
  const parts = [part('log', 0, 100), part('bat', 20, 10), part('unused', 100, 10)];
  assert.equal(partAt(parts, 25)?.kind, 'bat');
  assert.equal(partAt(parts, 60)?.kind, 'log');
  assert.equal(partAt(parts, 110), undefined);
  assert.equal(partAt([], 0), undefined);
});

test('few parts have a box each; of many, data between structures share one', () => {
  const few = [part('header', 0, 10), part('payload', 10, 10), part('unused', 20, 10)];
  assert.deepEqual(
    partBoxes(few).map(({ pieces }) => pieces),
    [1, 1, 1],
  );
  const many = [part('header', 0, 10)];
  for (let i = 1; i < 100; i++) many.push(part(i % 2 === 1 ? 'unused' : 'payload', i * 10, 10));
  many.push(part('bat', 1000, 10));
  for (let i = 101; i < 200; i++) many.push(part('bitmap', i * 10, 10));
  const boxes = partBoxes(many);
  assert.deepEqual(
    boxes.map(({ kind, start, length, pieces }) => [kind, start, length, pieces]),
    [
      ['header', 0, 10, 1],
      // Payload counts for more than what lies between it.
      ['payload', 10, 990, 99],
      ['bat', 1000, 10, 1],
      ['bitmap', 1010, 990, 99],
    ],
  );
});

test('bytes are summed by kind, in the order of the file', () => {
  const parts = [part('header', 0, 10), part('unused', 10, 5), part('header', 15, 10)];
  assert.deepEqual(sumsByKind(parts), [
    { kind: 'header', bytes: 20 },
    { kind: 'unused', bytes: 5 },
  ]);
});
