import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MapInfo } from '../../../../src/engine/api/change-map.ts';
import {
  cameraIn,
  initialModel,
  parseState,
  reduce,
  stateFits,
  stateOf,
} from '../../../../src/views/change-map/state/store.ts';

const QUERY = {
  kind: 'query',
  host: 'https://hv01:5986',
  vm: 'web',
  disk: 0,
  since: 'rp',
  subject: 'web01 · disk0',
  title: 'web',
} as const;

const INFO: MapInfo = {
  mapId: 'm1',
  subject: 'web01 · disk0',
  title: 'web',
  virtualSize: 2 ** 30,
  bytes: { changed: 10, data: null, zero: null, unknown: 2 ** 30 - 10 },
  changeWord: 'changed',
  rangeCount: 1,
  frames: [],
  partitions: null,
  kept: 'ab',
  warnings: [],
};

const view = { width: 800, height: 400, pitch: 18 };

test('an opened query is from then on its kept answer', () => {
  const opened = reduce(initialModel(QUERY, undefined), { type: 'opened', info: INFO });
  assert.equal(opened.status, 'open');
  assert.deepEqual(opened.reference, { kind: 'kept', id: 'ab', title: 'web' });
  assert.equal(opened.bytes, INFO.bytes);
});

test('what is kept brings the place, the frame and the selection back', () => {
  let model = reduce(initialModel(QUERY, undefined), { type: 'opened', info: INFO });
  const camera = { start: 2 ** 20, bytesPerRow: 2 ** 20, shift: 0.5 };
  model = reduce(model, { type: 'camera', camera });
  model = reduce(model, { type: 'select', selection: { start: 512, end: 1024 } });
  model = reduce(model, { type: 'show', shown: 'table' });
  const state = parseState(structuredClone(stateOf(model)));
  assert.ok(state !== undefined && stateFits(state, model.reference));
  assert.ok(!stateFits(state, QUERY));
  const again = reduce(initialModel(model.reference, state), { type: 'opened', info: INFO });
  assert.equal(cameraIn(again, view).start, 2 ** 20);
  assert.deepEqual(again.selection, { start: 512, end: 1024 });
  assert.equal(again.shown, 'table');
});

test('a state of another shape is no state', () => {
  const bad = [null, 7, {}, { version: 2 }, { version: 1 }, 'x'];
  for (const each of bad) assert.equal(parseState(each), undefined);
  const odd = parseState({
    version: 1,
    reference: QUERY,
    camera: { start: 'x', bytesPerRow: 1 },
    frame: 1.5,
    selection: {},
  });
  assert.deepEqual([odd?.camera, odd?.frame, odd?.selection], [null, -1, null]);
});

test('frames, focus and selection stay on the disk', () => {
  let model = reduce(initialModel(QUERY, undefined), { type: 'opened', info: INFO });
  assert.equal(reduce(model, { type: 'frame', frame: 3 }).frame, -1);
  assert.equal(reduce(model, { type: 'focus', offset: 1e15 }).focus, 2 ** 30 - 1);
  assert.equal(reduce(model, { type: 'focus', offset: -5 }).focus, 0);
  model = reduce(model, { type: 'select', selection: { start: -5, end: 1e15 } });
  assert.deepEqual(model.selection, { start: 0, end: 2 ** 30 });
  const none = reduce(model, { type: 'select', selection: { start: 9, end: 9 } });
  assert.equal(none.selection, undefined);
});

test('bytes of a frame that is no longer shown are dropped', () => {
  const model = reduce(initialModel(QUERY, undefined), { type: 'opened', info: INFO });
  const late = { type: 'bytes', frame: 4, bytes: { ...INFO.bytes, changed: 99 } } as const;
  assert.equal(reduce(model, late).bytes, INFO.bytes);
});
