import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { loadKoffi, type NativeFunction } from '../../../src/engine/native/koffi.ts';
import { slowCall, unlessAborted } from '../../../src/engine/native/slow-calls.ts';
import { assertInTime } from '../../support/process/in-time.ts';

/** A function of the C library that waits. */
function sleeper(): NativeFunction | undefined {
  const koffi = loadKoffi();
  if (koffi instanceof Error || process.platform === 'win32') return undefined;
  return koffi.load(null).func('int usleep(uint32_t microseconds)');
}

const SHORT = 100_000;

test('native calls that wait run two at a time, beside the event loop', async (t) => {
  const sleep = sleeper();
  if (sleep === undefined) return t.skip('needs koffi and usleep');
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 5);
  const started = performance.now();
  const results = await Promise.all([1, 2, 3, 4].map(() => slowCall(sleep, [SHORT], never)));
  clearInterval(ticking);
  assert.deepEqual(results, [0, 0, 0, 0]);
  assert.ok(performance.now() - started >= 195, 'the third began when the first had ended');
  assert.ok(ticks >= 5, `the event loop ran ${ticks} times`);
});

test('a cancelled wait ends at once, and the call keeps its place until it ends', async (t) => {
  const sleep = sleeper();
  if (sleep === undefined) return t.skip('needs koffi and usleep');
  const started = performance.now();
  const cancel = new AbortController();
  const running = [1, 2].map(() =>
    unlessAborted(slowCall(sleep, [3 * SHORT], cancel.signal), cancel.signal),
  );
  const waiting = slowCall(sleep, [0], cancel.signal);
  setTimeout(() => cancel.abort(new Error('enough')), 20);
  for (const each of [...running, waiting]) await assert.rejects(each, /enough/);
  assertInTime(performance.now() - started, 250, 'the end of the callers');
  await slowCall(sleep, [0], never);
  assert.ok(performance.now() - started >= 295, 'there was no place before the calls had ended');
  await assert.rejects(slowCall(sleep, [0], cancel.signal), /enough/);
});
