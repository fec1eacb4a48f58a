import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace, type Outcome } from '../../../src/extension/polling/pace.ts';

function pauses(outcomes: readonly Outcome[], tookMs = 0): readonly number[] {
  const pace = new Pace(() => 5000, 60_000);
  return outcomes.map((outcome) => {
    pace.looked(outcome, tookMs);
    return pace.pause;
  });
}

test('pauses grow while nothing changes, and faster while it fails, up to the longest', () => {
  const still = pauses(Array<Outcome>(10).fill('same'));
  assert.deepEqual(still.slice(0, 3), [7500, 11_250, 16_875]);
  assert.equal(still.at(-1), 60_000);
  assert.deepEqual(
    pauses(['failed', 'failed', 'failed', 'failed']),
    [10_000, 20_000, 40_000, 60_000],
  );
});

test('a change or an action begins with the shortest again', () => {
  assert.deepEqual(pauses(['same', 'same', 'changed', 'same']).slice(2), [5000, 7500]);
  const pace = new Pace(() => 5000, 60_000);
  for (let i = 0; i < 9; i++) pace.looked('failed', 0);
  pace.hasten();
  assert.equal(pace.pause, 5000);
});

test('a slow host gets pauses of twenty times its answer, whatever changed', () => {
  assert.deepEqual(pauses(['changed'], 1000), [20_000]);
  assert.deepEqual(pauses(['changed'], 30_000), [60_000]);
});

test('the setting counts at once; a shortest pause over the longest is taken as it is', () => {
  let shortest = 5000;
  const pace = new Pace(() => shortest, 60_000);
  shortest = 300_000;
  assert.equal(pace.pause, 300_000);
  pace.looked('same', 0);
  assert.equal(pace.pause, 300_000);
});
