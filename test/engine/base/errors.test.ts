import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineErrors, EngineError, isEngineError } from '../../../src/engine/base/errors.ts';

const diskError = defineErrors({
  'store.space': { userFixable: true },
  'vhdx.truncated': { permanent: true, damage: true },
});

test('carries code, flags, data and cause', () => {
  const cause = new Error('ENOSPC');
  const error = diskError('store.space', 'The disk is full', { data: { free: 0 }, cause });
  assert.ok(error instanceof EngineError);
  assert.equal(error.cause, cause);
  assert.deepEqual(JSON.parse(JSON.stringify(error)), {
    code: 'store.space',
    message: 'The disk is full',
    data: { free: 0 },
    permanent: false,
    userFixable: true,
    damage: false,
  });
});

test('is told from other errors by its code', () => {
  const error = diskError('vhdx.truncated', 'Damaged');
  assert.equal(isEngineError(error), true);
  assert.equal(isEngineError(error, 'vhdx.truncated'), true);
  assert.equal(isEngineError(error, 'store.space'), false);
  assert.equal(isEngineError(new Error('vhdx.truncated'), 'vhdx.truncated'), false);
});
