import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Budget } from '../../../../src/engine/backup/images/budget.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('whoever asks for more than is left waits, in order', async () => {
  const budget = new Budget(10);
  const granted: string[] = [];
  assert.equal(budget.take(6), undefined);
  void budget.take(7)?.then(() => granted.push('seven'));
  // Would fit, but others came first: a large request must not wait for ever.
  void budget.take(2)?.then(() => granted.push('two'));
  await tick();
  assert.deepEqual(granted, []);
  budget.give(3);
  await tick();
  assert.deepEqual(granted, ['seven']);
  budget.give(3);
  await tick();
  assert.deepEqual(granted, ['seven', 'two']);
});

test('an amount above the limit is granted alone', async () => {
  const budget = new Budget(10);
  assert.equal(budget.take(1), undefined);
  const large = budget.take(1000);
  assert.notEqual(large, undefined);
  budget.give(1);
  await large;
  assert.notEqual(budget.take(1), undefined);
  budget.give(1000);
});
