import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delay, isAbort, never } from '../../../src/engine/base/abort.ts';
import { forEachInFlight } from '../../../src/engine/base/in-flight.ts';
import { Semaphore } from '../../../src/engine/base/semaphore.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('never runs more tasks at once than allowed, and runs all', async () => {
  let running = 0;
  let most = 0;
  let done = 0;
  await forEachInFlight(
    Array.from({ length: 50 }, (_, i) => i),
    4,
    async () => {
      most = Math.max(most, ++running);
      await tick();
      running--;
      done++;
    },
    never,
  );
  assert.equal(done, 50);
  assert.equal(most, 4);
});

test('a failure stops the pulling, waits for what runs, and is thrown', async () => {
  let started = 0;
  let finished = 0;
  const work = forEachInFlight(
    Array.from({ length: 50 }, (_, i) => i),
    2,
    async (i) => {
      started++;
      await tick();
      finished++;
      if (i === 3) throw new Error('third');
    },
    never,
  );
  await assert.rejects(work, /third/);
  assert.ok(started < 10, `${started} were started`);
  assert.equal(finished, started, 'nothing runs on unobserved');
});

test('cancelling ends the work and a waiting semaphore place', async () => {
  const abort = new AbortController();
  const semaphore = new Semaphore(1);
  const release = await semaphore.acquire(never);
  const waiting = semaphore.acquire(abort.signal);
  abort.abort();
  await assert.rejects(waiting, (error) => isAbort(error, abort.signal));
  release();
  release();
  const again = await semaphore.acquire(never);
  again();
  await assert.rejects(forEachInFlight([1], 1, tick, abort.signal), { name: 'AbortError' });
});

test('a semaphore serves in order of arrival', async () => {
  const semaphore = new Semaphore(1);
  const order: number[] = [];
  const release = await semaphore.acquire(never);
  const runs = [1, 2, 3].map((i) =>
    semaphore.run(async () => {
      order.push(i);
      await tick();
    }, never),
  );
  release();
  await Promise.all(runs);
  assert.deepEqual(order, [1, 2, 3]);
});

test('waiting ends at once when it is cancelled', async () => {
  const abort = new AbortController();
  const waiting = delay(3_600_000, abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  assert.equal(isAbort(new Error('other'), abort.signal), false);
});
