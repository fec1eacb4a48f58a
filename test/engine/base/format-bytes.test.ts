import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, parseBytes } from '../../../src/engine/base/format-bytes.ts';

test('writes sizes as people read them', () => {
  assert.equal(formatBytes(0), '0 B');
  assert.equal(formatBytes(512), '512 B');
  assert.equal(formatBytes(1536), '1.5 KiB');
  assert.equal(formatBytes(2 ** 30), '1 GiB');
  assert.equal(formatBytes(64 * 2 ** 40), '64 TiB');
});

test('reads sizes in binary units', () => {
  assert.equal(parseBytes('4096'), 4096);
  assert.equal(parseBytes('64K'), 65536);
  assert.equal(parseBytes('10m'), 10 * 2 ** 20);
  assert.equal(parseBytes('2G'), 2 ** 31);
  assert.equal(parseBytes('1T'), 2 ** 40);
  for (const text of ['', '-1', '1.5G', '10MB', 'G', '99999999999T']) {
    assert.equal(parseBytes(text), undefined, text);
  }
});
