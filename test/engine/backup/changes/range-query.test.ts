import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import type { RawChanges } from '../../../../src/engine/backup/host/raw-changes.ts';
import {
  tileChanges,
  type TiledChanges,
} from '../../../../src/engine/backup/changes/range-query.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { EngineError, isEngineError } from '../../../../src/engine/base/errors.ts';
import { RangeSet } from '../../../../src/engine/base/range-set.ts';
import { ChangesLog } from '../../../../src/engine/backup/changes/changes-file.ts';
import { watchTurns } from '../../../support/checks/turns.ts';

const MIB = 2 ** 20;
const SIZE = 8 * MIB;

type Ask = (offset: number, length: number) => RawChanges;

const tile = (ask: Ask, size = SIZE): Promise<TiledChanges> =>
  tileChanges(
    async (offset, length) => ask(offset, length),
    size,
    () => undefined,
    never,
  );

const refusal = (): Error =>
  new EngineError('host.tracking', 'refused', {
    permanent: true,
    userFixable: false,
    damage: false,
  });

const RANGE = { start: MIB, length: 65_536 };

test('an honest answer is taken as it is, and every answer is handed on', async () => {
  const kept: number[] = [];
  const tiled = await tileChanges(
    async (_, length) => ({ processed: length, ranges: [RANGE] }),
    SIZE,
    (query, answer) => void kept.push(query.processed, answer.ranges.length),
    never,
  );
  assert.deepEqual(tiled.ranges.ranges, [{ start: MIB, end: MIB + 65_536 }]);
  assert.deepEqual(tiled.queries, [{ offset: 0, length: SIZE, processed: SIZE, count: 1 }]);
  assert.deepEqual(tiled.warnings, []);
  assert.deepEqual(kept, [SIZE, 1]);
});

for (const [what, answer] of [
  ['makes no progress', { processed: 0, ranges: [] }],
  ['processed more than it was asked for', { processed: SIZE + 512, ranges: [] }],
  [
    'names a range at the end of the disk',
    { processed: SIZE, ranges: [{ start: SIZE, length: 512 }] },
  ],
  [
    'names a range that ends 1 MiB past the disk',
    { processed: SIZE, ranges: [{ start: SIZE - 512, length: MIB + 512 }] },
  ],
  [
    'names a range whose end is no safe number',
    { processed: SIZE, ranges: [{ start: 512, length: Number.MAX_SAFE_INTEGER }] },
  ],
] as const) {
  test(`a tracker that ${what} is refused`, async () => {
    await assert.rejects(
      tile(() => answer),
      (error: unknown) => isEngineError(error, 'tracker.lied'),
    );
  });
}

for (const [what, ranges, expected, code] of [
  ['repeats a range', [RANGE, RANGE], [[MIB, MIB + 65_536]], 'tracker.overlap'],
  [
    'names ranges that overlap',
    [RANGE, { start: MIB + 4096, length: 65_536 }],
    [[MIB, MIB + 69_632]],
    'tracker.overlap',
  ],
  [
    'names a range that ends less than 1 MiB past the disk',
    [{ start: SIZE - 512, length: MIB }],
    [[SIZE - 512, SIZE]],
    'tracker.overshoot',
  ],
] as const) {
  test(`a tracker that ${what} is mended with a warning`, async () => {
    const tiled = await tile((_, length) => ({ processed: length, ranges }));
    assert.deepEqual(
      tiled.ranges.ranges.map((r) => [r.start, r.end]),
      expected,
    );
    assert.deepEqual(
      tiled.warnings.map((each) => each.code),
      [code],
    );
  });
}

test('a range beyond what was processed is kept, with a warning', async () => {
  const tiled = await tile((offset, length) => ({
    processed: length / 2 >= 512 ? length / 2 : length,
    ranges: offset === 0 ? [{ start: SIZE - 65_536, length: 65_536 }] : [],
  }));
  assert.deepEqual(tiled.ranges.ranges, [{ start: SIZE - 65_536, end: SIZE }]);
  assert.ok(tiled.warnings.some((each) => each.code === 'tracker.outside'));
});

test('a window that is refused is halved at whole MiB, until it is answered', async () => {
  const size = 1000 * MIB + 512;
  const asked: number[] = [];
  const tiled = await tile((_, length) => {
    asked.push(length);
    if (length > 130 * MIB) throw refusal();
    return { processed: length, ranges: [] };
  }, size);
  assert.deepEqual(asked.slice(0, 4), [size, 500 * MIB, 250 * MIB, 125 * MIB]);
  let end = 0;
  for (const query of tiled.queries) {
    assert.equal(query.offset, end);
    end += query.processed;
  }
  assert.equal(end, size, 'the answers tile the disk');
});

test('changes that are dense in one place do not make the windows of the rest small', async () => {
  const size = 64 * 2 ** 40;
  let calls = 0;
  const tiled = await tile((offset, length) => {
    calls++;
    // Dense within the first GiB: more than one answer holds.
    if (Math.min(offset + length, 1024 * MIB) - offset > 100 * MIB) throw refusal();
    return { processed: length, ranges: [] };
  }, size);
  assert.ok(calls < 500, `${calls} calls`);
  assert.equal(tiled.queries.at(-1)?.offset, size - (tiled.queries.at(-1)?.length ?? 0));
});

test('a tracker that refuses small windows too is told of as refusing', async () => {
  let calls = 0;
  await assert.rejects(
    tile(() => {
      calls++;
      throw refusal();
    }, 1024 * MIB),
    (error: unknown) => isEngineError(error, 'tracker.refused'),
  );
  assert.ok(calls < 10, `${calls} calls`);
});

test('another failure than a refusal is passed on', async () => {
  const lost = new EngineError('http.lost', 'lost', {
    permanent: false,
    userFixable: false,
    damage: false,
  });
  await assert.rejects(
    tile(() => {
      throw lost;
    }),
    (error: unknown) => error === lost,
  );
});

test('a tracker that goes on for ever in tiny steps is given up', async () => {
  await assert.rejects(
    tile(() => ({ processed: 1, ranges: [] })),
    (error: unknown) => isEngineError(error, 'tracker.lied'),
  );
});

test('more ranges than are held are united with their neighbours: nothing is lost', async () => {
  const step = 2 ** 21;
  const size = step * 1_200_000;
  const window = step * 1_100_000;
  const tiled = await tile((offset, length) => {
    const processed = Math.min(length, window);
    const ranges = Array.from({ length: Math.floor(processed / step) }, (_, i) => ({
      start: offset + i * step,
      length: 4096,
    }));
    return { processed, ranges };
  }, size);
  assert.ok(tiled.ranges.ranges.length <= 1_000_000);
  assert.ok(tiled.warnings.some((each) => each.code === 'tracker.coarse'));
  for (const start of [0, step * 1_100_000, size - step]) {
    assert.ok(tiled.ranges.ranges.some((r) => r.start <= start && r.end >= start + 4096));
  }
  assert.ok((tiled.ranges.ranges.at(-1)?.end ?? 0) <= size);
});

for (const [order, index] of [
  ['in order', (i: number) => i],
  ['from the end', (i: number) => 999_999 - i],
  ['in a mixed order', (i: number) => (i * 7919) % 1_000_000],
] as const) {
  test(`the event loop turns while a million ranges are collected ${order}`, async () => {
    const step = 2 ** 17;
    const ranges = Array.from({ length: 1_000_000 }, (_, i) => ({
      start: index(i) * step,
      length: 4096,
    }));
    const log = new ChangesLog();
    const watch = watchTurns();
    const tiled = await tileChanges(
      async (_, length) => ({ processed: length, ranges }),
      step * 1_000_000,
      (query, answer, turns) => log.add(query, answer, turns),
      never,
    );
    const { turns, longest, whole } = watch.end();
    assert.equal(tiled.ranges.count, 1_000_000);
    assert.equal(tiled.ranges.bytes, 4096 * 1_000_000);
    assert.deepEqual(tiled.warnings, []);
    assert.ok(turns >= 20, `${turns} turns`);
    assert.ok(longest < whole / 4, `${longest} of ${whole} ms in one slice`);
  });
}

test('a million ranges in order take little more memory than their numbers', () => {
  const list = Array.from({ length: 1_000_000 }, (_, i) => ({
    start: i * 8192,
    end: i * 8192 + 512,
  }));
  const before = process.memoryUsage();
  const set = RangeSet.of(list);
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  assert.equal(set.count, 1_000_000);
  assert.ok(arrayBuffers - before.arrayBuffers < 17 * MIB);
  assert.ok(heapUsed - before.heapUsed < 40 * MIB);
});

test('whatever windows an honest tracker answers, the result is the truth', async () => {
  const sectors = SIZE / 512;
  const changes = fc.array(
    fc.record({ start: fc.nat(sectors - 1), length: fc.integer({ min: 1, max: 64 }) }),
    { maxLength: 40 },
  );
  const steps = fc.infiniteStream(fc.integer({ min: 1, max: sectors }));
  const limits = fc.integer({ min: 1, max: 30 });
  await fc.assert(
    fc.asyncProperty(changes, steps, limits, async (list, processed, limit) => {
      const truth = RangeSet.of(
        list.map(({ start, length }) => ({
          start: start * 512,
          end: Math.min(start + length, sectors) * 512,
        })),
      );
      const tiled = await tile((offset, length) => {
        const step = (processed.next().value as number) * 512;
        let end = offset + Math.min(length, Math.max(step, 8192));
        // At most so many ranges in an answer: it then ends before the next.
        const inside = truth.clip({ start: offset, end }).ranges;
        const next = inside[limit];
        if (next !== undefined) end = next.start;
        const ranges = inside
          .slice(0, limit)
          .map((r) => ({ start: r.start, length: Math.min(r.end, end) - r.start }));
        return { processed: end - offset, ranges };
      });
      assert.deepEqual(tiled.ranges.ranges, truth.ranges);
      assert.deepEqual(tiled.warnings, []);
      assert.equal(
        tiled.queries.reduce((sum, query) => sum + query.processed, 0),
        SIZE,
      );
    }),
    { numRuns: thinned(60) },
  );
});
