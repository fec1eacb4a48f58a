import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBase64, toBase64 } from '../../../../src/views/common/base64.ts';
import { fill, Format } from '../../../../src/views/common/words/format.ts';

test('sizes are in units of people, in their language', () => {
  const english = new Format('en');
  assert.equal(english.bytes(0), '0 B');
  assert.equal(english.bytes(1536), '1.5 KiB');
  assert.equal(english.bytes(64 * 2 ** 40), '64 TiB');
  assert.equal(new Format('de').bytes(1536), '1,5 KiB');
  assert.equal(new Format('no such language').bytes(1536), english.bytes(1536));
});

test('a share that is not nothing is never 0 %', () => {
  const format = new Format('en');
  assert.equal(format.percent(0, 100), '0%');
  assert.equal(format.percent(1, 2 ** 46), '< 0.1%');
  assert.equal(format.percent(1, 4), '25%');
});

test('the time of an exchange is local, with milliseconds', () => {
  const time = new Date(2020, 4, 6, 13, 4, 5, 67);
  assert.match(new Format('en').exactTime(time.getTime()), /May 6, 2020, 1:04:05\.067\sPM/);
  assert.equal(new Format('en').exactTime(NaN), 'NaN');
});

test('values are put in their places', () => {
  assert.equal(fill('{1} of {0}, {2}', 'a', 'b'), 'b of a, {2}');
});

test('base64 brings bytes back', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256);
  assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
});
