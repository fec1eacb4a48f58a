import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  clampCamera,
  fitCamera,
  offsetAt,
  panBytes,
  pointOf,
  reveal,
  scrollRows,
  visibleRange,
  wholeRows,
  zoomAt,
  type Camera,
} from '../../../src/views/change-map/camera.ts';

const view = { width: 1000, height: 600, pitch: 18 };
const SIZE = 2 ** 46;

const cameras: fc.Arbitrary<Camera> = fc
  .record({
    start: fc.double({ min: 0, max: SIZE, noNaN: true }),
    bytesPerRow: fc.double({ min: 1024, max: SIZE, noNaN: true }),
    shift: fc.double({ min: 0, max: 0.999, noNaN: true }),
  })
  .map((camera) => clampCamera(camera, view, SIZE));

const near = (a: number, b: number, tolerance: number): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not near ${b}`);

test('the whole disk fits', () => {
  const camera = fitCamera(view, SIZE);
  assert.deepEqual(visibleRange(camera, view, SIZE), { start: 0, end: SIZE });
  near(camera.bytesPerRow * wholeRows(view), SIZE, 1);
});

test('zooming keeps the byte under the pointer there, unless the disk ends', () => {
  fc.assert(
    fc.property(
      cameras,
      fc.double({ min: 0.2, max: 5, noNaN: true }),
      fc.double({ min: 0, max: 999, noNaN: true }),
      fc.double({ min: 0, max: 599, noNaN: true }),
      (camera, factor, x, y) => {
        const before = offsetAt(camera, view, x, y);
        const zoomed = zoomAt(camera, view, SIZE, factor, x, y);
        assert.deepEqual(clampCamera(zoomed, view, SIZE), zoomed);
        const rest = SIZE - zoomed.start - wholeRows(view) * zoomed.bytesPerRow;
        const atEnd = zoomed.start === 0 || rest <= zoomed.bytesPerRow;
        if (!atEnd) near(offsetAt(zoomed, view, x, y), before, zoomed.bytesPerRow * 1e-6 + 0.1);
      },
    ),
  );
});

test('zooming out for ever shows the whole disk; zooming in ends at sectors', () => {
  let camera: Camera = { start: SIZE / 3, bytesPerRow: 10_000, shift: 0.5 };
  for (let i = 0; i < 200; i++) camera = zoomAt(camera, view, SIZE, 1.5, 500, 300);
  assert.deepEqual(camera, fitCamera(view, SIZE));
  for (let i = 0; i < 200; i++) camera = zoomAt(camera, view, SIZE, 0.5, 500, 300);
  near(camera.bytesPerRow, (512 * 1000) / 24, 1);
});

test('a point and its byte are the same place', () => {
  fc.assert(
    fc.property(cameras, fc.nat({ max: 999 }), fc.nat({ max: 580 }), (camera, x, y) => {
      const point = pointOf(camera, view, offsetAt(camera, view, x, y));
      const row = (Math.floor(y / view.pitch + camera.shift) - camera.shift) * view.pitch;
      if (x > 0) near(point.x, x, 0.1);
      if (x > 0) near(point.y, row, 0.1);
    }),
  );
});

test('scrolling down and up again ends where it began, between the ends of the disk', () => {
  const camera = { start: SIZE / 2, bytesPerRow: 2 ** 30, shift: 0.25 };
  const there = scrollRows(camera, view, SIZE, 7.5);
  assert.deepEqual(there, { start: SIZE / 2 + 7 * 2 ** 30, bytesPerRow: 2 ** 30, shift: 0.75 });
  assert.deepEqual(scrollRows(there, view, SIZE, -7.5), camera);
  assert.equal(scrollRows(camera, view, SIZE, -1e9).start, 0);
  const end = scrollRows(camera, view, SIZE, 1e9);
  near(visibleRange(end, view, SIZE).end, SIZE, 1);
  assert.equal(end.shift, 0);
});

test('revealing an offset moves no more than is needed', () => {
  fc.assert(
    fc.property(cameras, fc.double({ min: 0, max: SIZE - 1, noNaN: true }), (camera, offset) => {
      const shown = reveal(camera, view, SIZE, offset);
      const { y } = pointOf(shown, view, offset);
      assert.ok(y >= -1e-6 && y + view.pitch <= view.height + 1e-6, `${y} is in view`);
      assert.deepEqual(reveal(shown, view, SIZE, offset), shown);
    }),
  );
});

test('a disk smaller than a row is one row', () => {
  const camera = fitCamera(view, 4096);
  assert.equal(camera.start, 0);
  assert.deepEqual(panBytes(camera, view, 4096, 10_000), camera);
});
