import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  guidFromBytes,
  guidToBytes,
  newGuid,
  parseGuid,
  tryParseGuid,
} from '../../../src/engine/base/guid.ts';

test('stores the vendor id of Microsoft as Windows does', () => {
  const bytes = guidToBytes(parseGuid('{EC984AEC-A0F9-47E9-901F-71415A66345B}'));
  assert.equal(Buffer.from(bytes).toString('hex'), 'ec4a98ecf9a0e947901f71415a66345b');
  assert.equal(guidFromBytes(bytes), 'ec984aec-a0f9-47e9-901f-71415a66345b');
});

test('reads any case, with and without braces', () => {
  const id = newGuid();
  assert.equal(parseGuid(id.toUpperCase()), id);
  assert.equal(parseGuid(`{${id}}`), id);
});

test('refuses what is no GUID, naming it', () => {
  for (const text of ['', 'web01', '{12345678-1234-1234-1234-123456789abc', `${newGuid()}0`]) {
    assert.equal(tryParseGuid(text), undefined);
    assert.throws(() => parseGuid(text), { code: 'guid.syntax' });
  }
});
