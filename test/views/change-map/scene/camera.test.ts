import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../../support/checks/properties.ts';
import {
  clampCamera,
  fitCamera,
  offsetAt,
  panBytes,
  pointOf,
  reveal,
  scrollRows,
  wholeRows,
  zoomAt,
  type Camera,
  type Viewport,
} from '../../../../src/views/change-map/scene/camera.ts';

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
  const rows = SIZE / camera.bytesPerRow;
  assert.ok(rows <= wholeRows(view) && rows > wholeRows(view) / 1.6, `${rows} rows`);
});

test('zooming keeps the byte under the pointer in its row, unless the disk ends', () => {
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
        if (!atEnd) near(offsetAt(zoomed, view, x, y), before, zoomed.bytesPerRow);
      },
    ),
  );
});

test('zooming out for ever shows the whole disk; zooming in ends at sectors', () => {
  let camera: Camera = { start: SIZE / 3, bytesPerRow: 10_000, shift: 0.5 };
  for (let i = 0; i < 200; i++) camera = zoomAt(camera, view, SIZE, 1.5, 500, 300);
  assert.deepEqual({ ...camera, scale: undefined }, { ...fitCamera(view, SIZE), scale: undefined });
  for (let i = 0; i < 200; i++) camera = zoomAt(camera, view, SIZE, 0.5, 500, 300);
  assert.equal(camera.bytesPerRow, 24_576, 'a sector is at most 24 pixels wide');
});

test('rows begin at round offsets and have a round number of bytes, however one gets there', () => {
  fc.assert(
    fc.property(
      cameras,
      fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), { maxLength: 40 }),
      fc.double({ min: -40, max: 40, noNaN: true }),
      (first, factors, rows) => {
        let camera = scrollRows(first, view, SIZE, rows);
        for (const factor of factors) camera = zoomAt(camera, view, SIZE, factor, 500, 300);
        const { start, bytesPerRow } = panBytes(camera, view, SIZE, 12_345.6);
        const power = 2 ** Math.floor(Math.log2(bytesPerRow));
        assert.ok([1, 1.5].includes(bytesPerRow / power), `${bytesPerRow} bytes per row`);
        assert.equal(start % bytesPerRow, 0);
      },
    ),
  );
});

test('small steps of a pinch add up', () => {
  let camera: Camera = { start: 0, bytesPerRow: 2 ** 30, shift: 0 };
  for (let i = 0; i < 30; i++) camera = zoomAt(camera, view, SIZE, 0.98, 500, 300);
  near(Math.log2(camera.bytesPerRow), 30 + 30 * Math.log2(0.98), 0.5);
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
  assert.equal(visibleRange(end, view, SIZE).end, SIZE);
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

/** Returns the bytes in view, including partially visible rows. */
function visibleRange(
  camera: Camera,
  view: Viewport,
  size: number,
): { start: number; end: number } {
  const rows = Math.ceil(view.height / view.pitch + camera.shift);
  return {
    start: Math.max(0, camera.start),
    end: Math.min(size, camera.start + rows * camera.bytesPerRow),
  };
}
