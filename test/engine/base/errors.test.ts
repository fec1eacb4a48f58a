import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineErrors, EngineError, isEngineError } from '../../../src/engine/base/errors.ts';

const diskError = defineErrors({
  'disk.full': { userFixable: true },
  'disk.damaged': { permanent: true, damage: true },
});

test('carries code, flags, data and cause', () => {
  const cause = new Error('ENOSPC');
  const error = diskError('disk.full', 'The disk is full', { data: { free: 0 }, cause });
  assert.ok(error instanceof EngineError);
  assert.equal(error.cause, cause);
  assert.deepEqual(JSON.parse(JSON.stringify(error)), {
    code: 'disk.full',
    message: 'The disk is full',
    data: { free: 0 },
    permanent: false,
    userFixable: true,
    damage: false,
  });
});

test('is told from other errors by its code', () => {
  const error = diskError('disk.damaged', 'Damaged');
  assert.equal(isEngineError(error), true);
  assert.equal(isEngineError(error, 'disk.damaged'), true);
  assert.equal(isEngineError(error, 'disk.full'), false);
  assert.equal(isEngineError(new Error('disk.damaged'), 'disk.damaged'), false);
});
