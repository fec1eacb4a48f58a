import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { isEngineError } from '../../../../src/engine/base/errors.ts';
import { parseJobInput, parseQueueLine } from '../../../../src/engine/jobs/spec/job-input.ts';

const SECRET = 'key-of-the-store';
const spec = { kind: 'verify', store: 's3://bucket/x', vm: '', points: [], quick: true } as const;
const input = { version: 1, id: randomUUID(), title: 'x', spec, target: null } as const;
const store = { location: spec.store, secrets: { secretKey: SECRET } };

/** Reads it, and answers the error, which must not hold a secret. */
function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    assert.ok(isEngineError(error, 'job.input'), String(error));
    assert.ok(!JSON.stringify([error, error.message]).includes(SECRET));
    return error.message;
  }
  return assert.fail('it was read');
}

test('a job carries the secrets of its store, and one without a store is read as before', () => {
  assert.deepEqual(parseJobInput(JSON.stringify({ ...input, store })).store, store);
  assert.equal(parseJobInput(JSON.stringify(input)).store, null);
  assert.equal(parseJobInput(JSON.stringify({ ...input, store: null })).store, null);
  const line = { parallel: 4, job: { ...input, store } };
  assert.deepEqual(parseQueueLine(JSON.stringify(line)).job.store, store);
});

test('a store that is not the one of the job, or is malformed, is refused without repeating a secret', () => {
  const read = (wrong: unknown) =>
    refusal(() => parseJobInput(JSON.stringify({ ...input, store: wrong })));
  assert.match(read({ ...store, location: '/other' }), /its store is not the one of its spec/);
  assert.match(read({ ...store, more: SECRET }), /store.more is invalid/);
  assert.match(
    read({ ...store, secrets: { secretKey: [SECRET] } }),
    /store\.secrets\.secretKey is invalid/,
  );
  assert.match(read(SECRET), /its store is invalid/);
  const line = JSON.stringify({ parallel: 0, job: { ...input, store } });
  assert.match(
    refusal(() => parseQueueLine(line)),
    /parallel/,
  );
});
