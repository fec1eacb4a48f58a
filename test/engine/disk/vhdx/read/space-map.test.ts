import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../../support/checks/properties.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { SpaceMap } from '../../../../../src/engine/disk/vhdx/read/space-map.ts';

const head = { offset: 0, length: MIB };

test('space is taken from gaps first, then from behind the end', () => {
  const map = new SpaceMap([{ offset: 3 * MIB, length: MIB }, head], 5 * MIB);
  assert.deepEqual(map.allocate(2 * MIB), { offset: MIB, fresh: false });
  assert.deepEqual(map.allocate(2 * MIB), { offset: 5 * MIB, fresh: true });
  assert.deepEqual(map.allocate(MIB), { offset: 4 * MIB, fresh: false });
  assert.equal(map.end, 7 * MIB);
});

test('a file whose end is no multiple of 1 MiB grows from the next one', () => {
  const map = new SpaceMap([{ offset: MIB, length: MIB }, head], 2 * MIB + 512);
  assert.deepEqual(map.allocate(MIB), { offset: 2 * MIB, fresh: false });
  assert.deepEqual(map.allocate(MIB), { offset: 3 * MIB, fresh: true });
});

test('structures that overlap, or pass the end of the file, are damage', () => {
  const part = { offset: 2 * MIB, length: 2 * MIB };
  const overlap = (error: unknown): boolean => isEngineError(error, 'vhdx.bat.overlap');
  assert.throws(() => new SpaceMap([head, part, { ...part, offset: 3 * MIB }], 9 * MIB), overlap);
  assert.throws(() => new SpaceMap([head, part, part], 9 * MIB), overlap);
  const truncated = (error: unknown): boolean => isEngineError(error, 'vhdx.truncated');
  assert.throws(() => new SpaceMap([head, part], 3 * MIB), truncated);
});

test('nothing is given out twice, what is released comes back whole, and neighbours join', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 4 }), fc.nat()), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, (list) => {
      const map = new SpaceMap([head], MIB);
      const held: { offset: number; length: number }[] = [];
      for (const [take, units, pick] of list) {
        if (take || held.length === 0) {
          const length = units * MIB;
          const { offset } = map.allocate(length);
          assert.ok(offset >= MIB && offset + length <= map.end);
          assert.ok(
            held.every((h) => h.offset + h.length <= offset || offset + length <= h.offset),
          );
          held.push({ offset, length });
        } else {
          const [part] = held.splice(pick % held.length, 1);
          if (part !== undefined) map.release(part);
        }
      }
      for (const part of held) map.release(part);
      const { end } = map;
      if (end > MIB) assert.deepEqual(map.allocate(end - MIB), { offset: MIB, fresh: false });
      assert.equal(map.end, end);
    }),
  );
});
