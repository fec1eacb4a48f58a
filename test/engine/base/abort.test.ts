import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstOf } from '../../../src/engine/base/abort.ts';

test('the first of several signals fires the common one with its reason', () => {
  for (const first of [0, 1, 2]) {
    const sources = [0, 1, 2].map(() => new AbortController());
    const { signal } = firstOf(...sources.map((each) => each.signal));
    assert.equal(signal.aborted, false);
    sources[first]?.abort(`source ${first}`);
    sources[(first + 1) % 3]?.abort('later');
    assert.equal(signal.reason, `source ${first}`);
  }
});

test('a source that has fired before counts, and none after the release', () => {
  const [fired, other] = [new AbortController(), new AbortController()];
  fired.abort('early');
  assert.equal(firstOf(other.signal, fired.signal).signal.reason, 'early');
  const { signal, release } = firstOf(other.signal);
  release();
  other.abort('late');
  assert.equal(signal.aborted, false);
});
