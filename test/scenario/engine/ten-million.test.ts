import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { TILE_CELLS } from '../../../src/engine/api/change-map.ts';
import { requests } from '../../../src/engine/api/methods.ts';
import { never } from '../../../src/engine/base/abort.ts';
import { CHANGED, tagOf } from '../../../src/engine/changemap/segments.ts';
import { SegmentsBuilder } from '../../../src/engine/changemap/segments-builder.ts';
import { keepRanges } from '../../../src/engine/operations/change-map/kept-ranges.ts';
import { startEngine, type EngineProcess } from '../../support/process/engine-process.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { assertInTime } from '../../support/process/in-time.ts';

const TIB = 2 ** 40;
const SIZE = 64 * TIB;
const RANGES = 10_000_000;

/** The most memory that the engine ever had, in bytes. */
function peak(engine: EngineProcess): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const status = readFileSync(`/proc/${engine.process.pid}/status`, 'utf8');
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) * 1024;
}

test('the engine serves a disk of 64 TiB with ten million ranges at once, in bounded memory (printed)', async (t) => {
  const keepIn = await temporaryFolder(t);
  const builder = new SegmentsBuilder();
  const step = Math.floor(SIZE / RANGES / 4096) * 4096;
  for (let i = 0; i < RANGES; i++) {
    const start = i * step + (i % 7) * 4096;
    builder.add(start, start + 4096 * (1 + (i % 5)), tagOf(CHANGED));
  }
  const segments = builder.build(SIZE, true);
  const id = await keepRanges(keepIn, { title: 'many', segments, warnings: [] }, never);
  const engine = await startEngine(t, { home: keepIn });
  const reference = { kind: 'kept', id, title: 'many' } as const;
  const timed = async <T>(what: string, limit: number, work: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const result = await work();
    const took = performance.now() - begun;
    t.diagnostic(`10 million ranges: ${what} ${took.toFixed(0)} ms`);
    assertInTime(took, limit, what);
    return result;
  };
  const open = (): Promise<{ mapId: string; rangeCount: number }> =>
    engine.request(requests.openMap, { reference, target: null, keepIn, progressToken: 'p' });
  const map = await timed('read back from storage', 30_000, open);
  assert.equal(map.rangeCount, RANGES);
  const { mapId } = map;
  // The whole disk in four tiles, as a map is first drawn.
  const whole = Math.log2(SIZE / TILE_CELLS / 4);
  const tiles = await timed('the whole disk as tiles', 1000, () =>
    engine.request(requests.mapTiles, { mapId, frame: -1, level: whole, indexes: [0, 1, 2, 3] }),
  );
  assert.ok(tiles.every(({ cells }) => cells.length > 0));
  await timed('tiles of twelve levels of zoom', 1000, async () => {
    for (let level = whole - 1; level > whole - 13; level--) {
      const index = Math.floor(SIZE / 3 / 2 ** level / TILE_CELLS);
      await engine.request(requests.mapTiles, {
        mapId,
        frame: -1,
        level,
        indexes: [index, index + 1],
      });
    }
  });
  const page = await timed('a page of the table', 500, () =>
    engine.request(requests.mapPage, { mapId, frame: -1, from: 7_000_000, count: 1000 }),
  );
  assert.deepEqual([page.total, page.rows.length], [RANGES, 1000]);
  const place = await timed('a place', 500, () =>
    engine.request(requests.mapPlace, { mapId, frame: -1, offset: SIZE / 2 }),
  );
  assert.ok(place.row > 0);
  // However many are opened, two of the largest stay.
  const ids = [mapId];
  for (let i = 0; i < 3; i++) ids.push((await open()).mapId);
  const asked = (each: string): Promise<unknown> =>
    engine.request(requests.mapPage, { mapId: each, frame: -1, from: 0, count: 1 });
  for (const old of ids.slice(0, 2)) await assert.rejects(asked(old), /has closed this map/);
  for (const kept of ids.slice(2)) await asked(kept);
  const bytes = peak(engine);
  if (bytes === undefined) return;
  t.diagnostic(
    `10 million ranges: peak memory ${(bytes / 2 ** 20).toFixed(0)} MiB, four opened in turn`,
  );
  assert.ok(bytes < 1.5 * 2 ** 30, `${bytes} bytes`);
});
