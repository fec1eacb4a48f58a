import assert from 'node:assert/strict';

/** Milliseconds of {@link work} on the computer for which the limits of tests were chosen. */
const USUAL_MS = 11;
/** How often it is measured: a busy computer is not busy in each of them. */
const TIMES = 4;
/** The most by which a limit grows: what takes longer hangs. */
const MOST = 6;

/** Steps of a generator of numbers, in this thread. */
function work(): number {
  let state = 1;
  for (let i = 0; i < 5_000_000; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}

/** How many times longer things take here just now than usual: the computer is slower, or does something else as well. */
function slower(): number {
  let longest = 0;
  // The first one is compiled while it runs.
  for (let i = 0; i <= TIMES; i++) {
    const began = performance.now();
    assert.notEqual(work(), 0);
    if (i > 0) longest = Math.max(longest, performance.now() - began);
  }
  return Math.min(MOST, Math.max(1, longest / USUAL_MS));
}

/**
 * Asserts that something took less than `limit` milliseconds by the wall; where the computer is slower just now than a quiet one of
 * usual speed, as many times longer. For what must not wait: a longer wait is one for a time limit, or without end.
 */
export function assertInTime(took: number, limit: number, what = 'it'): void {
  if (took < limit) return;
  const times = slower();
  const text = `${what} took ${Math.round(took)} ms of ${Math.round(limit * times)}`;
  assert.ok(took < limit * times, `${text}: ${times.toFixed(1)} times as long as usual`);
}
