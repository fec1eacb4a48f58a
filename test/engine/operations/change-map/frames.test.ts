import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { Frames } from '../../../../src/engine/operations/change-map/frames.ts';
import type { FrameContents } from '../../../../src/engine/operations/change-map/map-contents.ts';

interface Read {
  readonly index: number;
  readonly signal: AbortSignal;
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

/** Frames whose reading ends when the test says so. */
function reading() {
  const reads: Read[] = [];
  let most = 0;
  let now = 0;
  const frames = new Frames(async (index, signal) => {
    most = Math.max(most, ++now);
    try {
      return await new Promise<FrameContents>((resolve, reject) => {
        const contents = { points: [String(index)] } as unknown as FrameContents;
        reads.push({ index, signal, done: () => resolve(contents), fail: reject });
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    } finally {
      now--;
    }
  });
  return { frames, reads, most: () => most };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('whoever drags a scrubber to and fro has one frame read at a time, and only those still wanted', async () => {
  const { frames, reads, most } = reading();
  let abort = new AbortController();
  const given: Promise<unknown>[] = [];
  for (let step = 0; step < 512; step++) {
    abort.abort(new Error('moved on'));
    abort = new AbortController();
    const index = step < 256 ? step : 511 - step;
    given.push(frames.get(index, abort.signal).catch((error: Error) => error.message));
    if (step % 50 === 0) await settled();
  }
  await settled();
  reads.at(-1)?.done();
  const answers = await Promise.all(given);
  assert.deepEqual(answers.pop(), { points: ['0'] });
  assert.ok(answers.every((answer) => answer === 'moved on'));
  assert.equal(most(), 1);
  assert.ok(reads.length < 20, `${reads.length} were read`);
  assert.ok(reads.slice(0, -1).every(({ signal }) => signal.aborted));
});

test('one that two wait for is read once, and goes on when one of them leaves', async () => {
  const { frames, reads } = reading();
  const leaving = new AbortController();
  const left = frames.get(3, leaving.signal);
  const stays = frames.get(3, never);
  await settled();
  leaving.abort(new Error('left'));
  await assert.rejects(left, /left/);
  reads[0]?.done();
  assert.deepEqual((await stays).points, ['3']);
  assert.deepEqual((await frames.get(3, never)).points, ['3']);
  assert.equal(reads.length, 1);
});

test('one that failed, and one that was given up, are read again', async () => {
  const { frames, reads } = reading();
  const failed = frames.get(1, never);
  await settled();
  reads[0]?.fail(new Error('gone'));
  await assert.rejects(failed, /gone/);
  const abort = new AbortController();
  const left = frames.get(1, abort.signal);
  await settled();
  abort.abort(new Error('left'));
  await assert.rejects(left, /left/);
  const again = frames.get(1, never);
  await settled();
  reads.at(-1)?.done();
  assert.deepEqual((await again).points, ['1']);
  assert.equal(reads.length, 3);
});
