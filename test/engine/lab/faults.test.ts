import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultSwitches } from '../../../src/engine/lab/faults.ts';

test('a fault begins with the given exchange and occurs as often as asked', () => {
  const faults = new FaultSwitches();
  faults.beginExchange();
  faults.set('job.fail', '1', 1, 2);
  assert.equal(faults.strike('job.fail'), undefined, 'during the exchange in progress');
  faults.beginExchange();
  assert.equal(faults.isOn('job.fail'), false);
  assert.equal(faults.number('job.fail', 7), undefined, 'one exchange too early');
  assert.deepEqual(faults.occurred, {});
  faults.beginExchange();
  assert.equal(faults.number('job.fail', 7), 1);
  assert.equal(faults.strike('job.fail'), undefined, 'only once');
  assert.deepEqual(faults.occurred, { 'job.fail': 3 });
  assert.equal(faults.exchanges, 3);
});

test('a fault that is set without an exchange is on at once and until it is cleared', () => {
  const faults = new FaultSwitches();
  faults.set('rct.lost', null, null);
  assert.equal(faults.isOn('rct.lost'), true);
  faults.beginExchange();
  assert.notEqual(faults.strike('rct.lost'), undefined);
  faults.clear();
  assert.equal(faults.isOn('rct.lost'), false);
  assert.deepEqual(faults.occurred, {});
});
