import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceCache } from '../../../src/views/common/piece-cache.ts';

interface Asked {
  readonly key: number;
  readonly signal: AbortSignal;
  readonly answer: (text: string) => Promise<void>;
  readonly fail: (error: Error) => Promise<void>;
}

function cache(capacity = 8): {
  readonly chunks: PieceCache<number, string>;
  readonly asked: Asked[];
  readonly told: { loaded: number; failed: unknown[] };
} {
  const asked: Asked[] = [];
  const told = { loaded: 0, failed: [] as unknown[] };
  const settled = (): Promise<void> => new Promise((done) => setImmediate(done));
  const chunks = new PieceCache<number, string>({
    name: String,
    capacity,
    load: ([key], signal) =>
      new Promise((resolve, reject) => {
        asked.push({
          key,
          signal,
          answer: (text) => (resolve([[key, text]]), settled()),
          fail: (error) => (reject(error), settled()),
        });
      }),
    onLoaded: () => void told.loaded++,
    onFailed: (error) => void told.failed.push(error),
  });
  return { chunks, asked, told };
}

test('what is in sight is asked for once, few at a time', async () => {
  const { chunks, asked, told } = cache();
  chunks.want([1, 2, 3, 4, 5, 6]);
  chunks.want([1, 2, 3, 4, 5, 6]);
  assert.deepEqual(
    asked.map(({ key }) => key),
    [1, 2, 3, 4],
  );
  const before = chunks.version;
  await asked[1]?.answer('two');
  assert.equal(chunks.get(2), 'two');
  assert.equal(told.loaded, 1);
  assert.notEqual(chunks.version, before);
  chunks.want([1, 2, 3, 4, 5, 6]);
  assert.deepEqual(
    asked.map(({ key }) => key),
    [1, 2, 3, 4, 5],
  );
});

test('what is out of sight is given up, and its answer dropped', async () => {
  const { chunks, asked, told } = cache();
  chunks.want([1]);
  chunks.want([2]);
  assert.equal(asked[0]?.signal.aborted, true);
  await asked[0]?.answer('late');
  assert.equal(chunks.get(1), undefined);
  assert.equal(told.loaded, 0);
});

test('those looked at longest ago are forgotten', async () => {
  const { chunks, asked } = cache(2);
  for (const key of [1, 2]) {
    chunks.want([key]);
    await asked.at(-1)?.answer(`chunk ${key}`);
  }
  chunks.get(1);
  chunks.want([3]);
  await asked.at(-1)?.answer('chunk 3');
  assert.deepEqual(
    [chunks.get(1), chunks.get(2), chunks.get(3)],
    ['chunk 1', undefined, 'chunk 3'],
  );
});

test('after a failure nothing is asked until it is tried again', async () => {
  const { chunks, asked, told } = cache();
  chunks.want([1]);
  await asked[0]?.fail(new Error('gone'));
  assert.equal(told.failed.length, 1);
  chunks.want([1, 2]);
  assert.equal(asked.length, 1);
  chunks.clear();
  chunks.want([1, 2]);
  assert.equal(asked.length, 3);
});

test('another file forgets all, and answers about the one before are not taken for it', async () => {
  const { chunks, asked } = cache();
  chunks.want([1]);
  chunks.clear();
  chunks.want([1]);
  await asked[0]?.answer('old');
  assert.equal(chunks.get(1), undefined);
  await asked[1]?.answer('new');
  assert.equal(chunks.get(1), 'new');
});
