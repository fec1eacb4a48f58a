import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../support/checks/properties.ts';
import { isPointId, nextPointId } from '../../../../src/engine/backup/manifest/point-id.ts';

const NOW = Date.parse('2026-11-22T14:03:05.700Z');

test('an id tells its second and its kind', () => {
  assert.equal(nextPointId(NOW, [], 'full'), '20261122T140305Z-full');
  assert.equal(nextPointId(NOW, [], 'incr'), '20261122T140305Z-incr');
});

test('a second is used once, whatever the kind, and a clock that went back changes no order', () => {
  assert.equal(nextPointId(NOW, ['20261122T140305Z-full'], 'incr'), '20261122T140306Z-incr');
  assert.equal(
    nextPointId(NOW, ['20291231T235959Z-incr', '20261122T140305Z-full'], 'incr'),
    '20300101T000000Z-incr',
  );
});

test('names that are no ids do not count', () => {
  const names = ['jobs', 'vm.json', '20291231T235959Z-other', '20290230T000000Z-full', ''];
  for (const name of names) assert.equal(isPointId(name), false);
  assert.equal(nextPointId(NOW, names, 'full'), '20261122T140305Z-full');
});

test('each new id sorts after all before it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -100_000, max: 100_000 }), { maxLength: 20 }),
      (steps) => {
        const ids: string[] = [];
        for (const step of steps)
          ids.push(nextPointId(NOW + step, ids, step % 2 === 0 ? 'full' : 'incr'));
        assert.deepEqual(ids, [...ids].sort());
        assert.equal(new Set(ids.map((id) => id.slice(0, 16))).size, ids.length);
      },
    ),
  );
});

test('a time that no id can hold is refused', () => {
  assert.throws(() => nextPointId(Number.NaN, [], 'full'), { code: 'point.id' });
  assert.throws(() => nextPointId(Date.UTC(10_000, 0), [], 'full'), { code: 'point.id' });
});
