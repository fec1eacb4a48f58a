import { never } from '../../../src/engine/base/abort.ts';
import type { MapInfo, MapReference } from '../../../src/engine/api/change-map.ts';
import { CHANGED, DATA, tagOf, ZERO } from '../../../src/engine/changemap/segments.ts';
import { SegmentsBuilder } from '../../../src/engine/changemap/segments-builder.ts';
import type { MapContents } from '../../../src/engine/operations/change-map/map-contents.ts';
import { OpenMap } from '../../../src/engine/operations/change-map/open-map.ts';
import type { ChangeMapInit } from '../../../src/views/api/change-map.ts';
import { CHANGE_MAP_STRINGS } from '../../../src/views/api/change-map-strings.ts';
import type { Answer } from './view-page.ts';

const GIB = 2 ** 30;
const REFERENCE: MapReference = { kind: 'image', path: '/sample.vhdx' };
/** What the extension tells the view as it starts. */
export const INIT: ChangeMapInit = {
  reference: REFERENCE,
  strings: CHANGE_MAP_STRINGS,
  language: 'en',
};

/** Numbers that are the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A disk as people have them: partitions, allocated stretches, changes in clusters and alone. */
export function sampleContents(frame: number): MapContents['segments'] {
  const next = random(7 + frame);
  const builder = new SegmentsBuilder();
  const size = 127 * GIB;
  for (let at = 2 ** 20; at < size * 0.72;) {
    const length = 65_536 * Math.ceil(next() ** 3 * 12_000);
    const busy = Math.sin((at / size) * 19 + frame) > 0.35;
    const roll = next();
    if (roll < (busy ? 0.34 : 0.02)) builder.add(at, at + length, tagOf(CHANGED | DATA, 0));
    else if (roll < 0.86) builder.add(at, at + length, tagOf(DATA, 1));
    else if (roll < 0.89) builder.add(at, at + length, tagOf(ZERO, 1));
    at += length + (next() < 0.3 ? 65_536 * Math.ceil(next() * 9000) : 0);
  }
  builder.add(size * 0.9, size * 0.9 + 4096, tagOf(CHANGED | DATA, 0));
  return builder.build(size, false);
}

/** Millions of ranges on 64 TiB. */
function manyRanges(count: number): SegmentsBuilder {
  const builder = new SegmentsBuilder();
  const step = 2 ** 46 / count;
  for (let i = 0; i < count; i++) {
    const start = Math.floor((i * step) / 4096) * 4096;
    builder.add(start, start + 4096 * (1 + ((i * 7919) % 400)), tagOf(CHANGED));
  }
  return builder;
}

const MIB = 2 ** 20;
export const PARTITIONS = [
  { number: 1, start: MIB, length: 300 * MIB, type: 'EFI System', name: null, volume: null },
  {
    number: 2,
    start: 301 * MIB,
    length: 60 * GIB,
    type: 'Basic data',
    name: 'Windows',
    volume: null,
  },
  {
    number: 3,
    start: 301 * MIB + 60 * GIB,
    length: 50 * GIB,
    type: 'Linux filesystem',
    name: 'srv',
    volume: null,
  },
];

/** The engine's own answers over contents that need no store. */
export function answers(contents: () => MapContents): { answer: Answer; asked: string[] } {
  let map: OpenMap | undefined;
  const asked: string[] = [];
  const open = (): MapInfo => {
    map = new OpenMap(contents());
    return map.info('m1');
  };
  return {
    asked,
    answer: async (method, params) => {
      asked.push(method);
      if (method === 'open') return open();
      if (method === 'csv' || method === 'png') return { saved: true };
      if (method === 'copy') return {};
      if (map === undefined) throw Object.assign(new Error('not open'), { code: 'map.notOpen' });
      if (method === 'tiles') return map.tiles(params, never);
      if (method === 'page') return map.page(params, never);
      if (method === 'seek') return map.seek(params, never);
      const { frame, offset } = params as { frame: number; offset: number };
      return map.place(frame, offset, never);
    },
  };
}

const base = {
  points: ['20261123T220000Z-incr', '20261122T220000Z-full'],
  kept: null,
  warnings: [],
} as const;

export const chainContents = (): MapContents => ({
  ...base,
  title: 'web-01 · system.vhdx · 20261125T220000Z-incr',
  subject: 'web-01 · system.vhdx',
  segments: sampleContents(5),
  changeWord: 'changed',
  partitions: PARTITIONS,
  frames: Array.from({ length: 6 }, (_, i) => ({
    point: `2026112${i}T220000Z-${i === 0 ? 'full' : 'incr'}`,
    created: `2026-11-2${i}T22:00:00Z`,
    kind: i === 0 ? 'full' : 'incr',
    changedBytes: sampleContents(i).bytesOf(CHANGED),
  })),
  frame: async (index) => ({ segments: sampleContents(index), points: base.points }),
});

/** The ranges are there; each opening makes what answers from them. */
export function queryContents(count: number): () => MapContents {
  const ranges = manyRanges(count);
  return () => ({
    ...base,
    points: [],
    title: 'web-01 · since 2026-11-23',
    segments: ranges.build(2 ** 46, true),
    changeWord: 'changed',
    partitions: null,
    frames: [],
    frame: () => Promise.reject(new Error('none')),
  });
}
