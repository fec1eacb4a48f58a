import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { inOrder } from '../../../src/engine/base/in-flight.ts';

test('yields results in the order of the items, with no more in flight than allowed', async () => {
  let running = 0;
  let most = 0;
  const task = async (item: number): Promise<number> => {
    most = Math.max(most, ++running);
    await delay(20 - item);
    running--;
    return item * 2;
  };
  const got: number[] = [];
  for await (const result of inOrder([...Array(20).keys()], 4, task)) got.push(result);
  assert.deepEqual(
    got,
    [...Array(20).keys()].map((item) => item * 2),
  );
  assert.equal(most, 4);
});

test('throws a failure at its place, after the results before it, when nothing runs any more', async () => {
  let running = 0;
  const task = async (item: number): Promise<number> => {
    running++;
    await delay(item === 2 ? 0 : 10);
    running--;
    if (item === 2) throw new Error('third');
    return item;
  };
  const got: number[] = [];
  await assert.rejects(async () => {
    for await (const result of inOrder([0, 1, 2, 3, 4], 5, task)) got.push(result);
  }, /third/);
  assert.deepEqual(got, [0, 1]);
  assert.equal(running, 0);
});
