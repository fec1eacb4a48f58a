import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../support/checks/properties.ts';
import { isPageAligned } from '../../../src/engine/source/page-buffers.ts';
import { PageArena } from '../../../src/engine/source/page-arena.ts';

const UNIT = 4096;
const WHOLE = UNIT * 16;

test('buffers begin at a page, are of the size asked for, and share no byte', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.nat({ max: WHOLE - 1 })), { maxLength: 80 }),
      (steps) => {
        const arena = new PageArena(UNIT, 5);
        const held: Buffer[] = [];
        for (const [take, n] of steps) {
          if (take) {
            const length = n + 1;
            const buffer = arena.take(length);
            assert.equal(buffer.length, length);
            held.push(buffer.fill(held.length + 1));
          } else if (held.length > 0) {
            const [freed] = held.splice(n % held.length, 1);
            if (freed !== undefined) arena.give(freed.fill(0));
            for (const [i, buffer] of held.entries()) buffer.fill(i + 1);
          }
          for (const [i, buffer] of held.entries()) {
            assert.ok(
              buffer.every((byte) => byte === i + 1),
              `buffer ${i} shares bytes with another one`,
            );
          }
        }
        for (const buffer of held) arena.give(buffer);
        // All of the memory is one place again.
        assert.ok(isPageAligned(arena.take(WHOLE)));
      },
    ),
    { numRuns: thinned(60) },
  );
});

test('what fits in the arena comes from it; more is ordinary memory', () => {
  const arena = new PageArena(UNIT, 5);
  assert.equal(arena.sizeFor(3 * UNIT), 4 * UNIT);
  const all = Array.from({ length: 4 }, () => arena.take(3 * UNIT));
  assert.ok(all.every(isPageAligned));
  const more = arena.take(UNIT);
  assert.ok(!isPageAligned(more));
  arena.give(more);
  arena.give(all[2] as Buffer);
  assert.ok(isPageAligned(arena.take(4 * UNIT)));
});
