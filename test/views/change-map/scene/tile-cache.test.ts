import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tile } from '../../../../src/engine/api/change-map.ts';
import { makeScene } from '../../../../src/views/change-map/scene/scene.ts';
import { makeTileCache, type TileKey } from '../../../../src/views/change-map/scene/tile-cache.ts';

interface Asked {
  readonly frame: number;
  readonly level: number;
  readonly indexes: readonly number[];
  readonly signal: AbortSignal;
  readonly answer: (tiles: readonly Tile[]) => void;
  readonly fail: (error: Error) => void;
}

function cacheWith(capacity?: number) {
  const asked: Asked[] = [];
  const failures: unknown[] = [];
  let loaded = 0;
  const cache = makeTileCache({
    load: (request, signal) =>
      new Promise((answer, fail) => {
        asked.push({ ...request, signal, answer, fail });
      }),
    onLoaded: () => loaded++,
    onFailed: (error) => failures.push(error),
    ...(capacity === undefined ? {} : { capacity }),
  });
  return { asked, failures, cache, loadedCount: () => loaded };
}

const key = (index: number, level = 12): TileKey => ({ frame: -1, level, index });
const tile = (index: number): Tile => ({ index, cells: '', fill: [index % 256, 0, 0, 0] });
const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

test('what is wanted is asked for once, in one request of a level', async () => {
  const { cache, asked, loadedCount } = cacheWith();
  cache.want([key(1), key(2), key(0, 20)]);
  cache.want([key(1), key(2), key(0, 20)]);
  assert.deepEqual(
    asked.map(({ level, indexes }) => [level, indexes]),
    [
      [12, [1, 2]],
      [20, [0]],
    ],
  );
  asked[0]?.answer([tile(1), tile(2)]);
  await settled();
  assert.equal(loadedCount(), 1);
  assert.deepEqual(cache.get(key(2))?.fill, [2, 0, 0, 0]);
  cache.want([key(1), key(2), key(0, 20)]);
  assert.equal(asked.length, 2);
});

test('a request of which nothing is in view any more is cancelled', async () => {
  const { cache, asked } = cacheWith();
  cache.want([key(1), key(2)]);
  cache.want([key(2)]);
  assert.equal(asked[0]?.signal.aborted, false);
  cache.want([key(9)]);
  assert.equal(asked[0]?.signal.aborted, true);
  asked[0]?.answer([tile(1)]);
  await settled();
  assert.equal(cache.get(key(1)), undefined, 'a late answer is dropped');
});

test('after a failure nothing is asked for until it is tried again', async () => {
  const { cache, asked, failures } = cacheWith();
  cache.want([key(1)]);
  asked[0]?.fail(new Error('gone'));
  await settled();
  assert.equal(failures.length, 1);
  cache.want([key(1), key(2)]);
  assert.equal(asked.length, 1);
  cache.clear();
  cache.want([key(1)]);
  assert.equal(asked.length, 2);
});

test('the tiles that were used longest ago are forgotten', async () => {
  const { cache, asked } = cacheWith(3);
  cache.want([key(1), key(2), key(3)]);
  asked[0]?.answer([tile(1), tile(2), tile(3)]);
  await settled();
  cache.get(key(1));
  cache.want([key(4)]);
  asked[1]?.answer([tile(4)]);
  await settled();
  assert.equal(cache.get(key(2)), undefined);
  assert.ok(cache.get(key(1)) !== undefined && cache.get(key(4)) !== undefined);
});

test('a coarser tile stands in for one that is on the way', async () => {
  const { cache, asked } = cacheWith();
  const view = { width: 1024, height: 180, pitch: 18 };
  const input = {
    camera: { start: 0, bytesPerRow: 2 ** 22, shift: 0 },
    view,
    size: 2 ** 40,
    frame: -1,
    devicePixelRatio: 1,
  };
  const first = makeScene(input, cache);
  assert.ok(first.incomplete);
  assert.ok(first.pieces.every(({ loaded }) => loaded === undefined));
  assert.deepEqual(asked[0]?.indexes, [0]);
  assert.equal(asked[0]?.level, 28, 'the overview is asked for first');
  asked[0]?.answer([tile(0)]);
  await settled();
  const second = makeScene(input, cache);
  assert.ok(second.incomplete);
  assert.ok(second.pieces.every(({ loaded }) => loaded !== undefined));
  asked[1]?.answer((asked[1]?.indexes ?? []).map(tile));
  await settled();
  const third = makeScene(input, cache);
  assert.equal(third.incomplete, false);
  assert.ok(asked.length > 2, 'then the tiles around the view');
});
