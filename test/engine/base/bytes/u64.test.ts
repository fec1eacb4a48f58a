import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSafeInteger, toSafeInteger } from '../../../../src/engine/base/bytes/u64.ts';

test('keeps every number up to 2^53 - 1', () => {
  assert.equal(toSafeInteger(2n ** 53n - 1n, 'size'), Number.MAX_SAFE_INTEGER);
  assert.equal(parseSafeInteger('70368744177664', 'size'), 64 * 2 ** 40);
});

test('refuses larger, negative and non-numeric ones, naming the field', () => {
  assert.throws(() => toSafeInteger(2n ** 53n, 'size'), { code: 'bytes.u64', message: /size/ });
  assert.throws(() => toSafeInteger(-1n, 'size'), { code: 'bytes.u64' });
  for (const text of ['', '-1', '1.5', '0x10', '1e3', '9'.repeat(21), '18446744073709551615']) {
    assert.throws(() => parseSafeInteger(text, 'ProcessedByteLength'), {
      code: 'bytes.u64',
      message: /ProcessedByteLength/,
    });
  }
});
