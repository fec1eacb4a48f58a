import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../support/checks/properties.ts';
import { isEngineError } from '../../../src/engine/base/errors.ts';
import { csvLines } from '../../../src/engine/changemap/csv-lines.ts';
import { CsvReader } from '../../../src/engine/changemap/csv-reader.ts';
import { packRanges, unpackRanges } from '../../../src/engine/changemap/packed-ranges.ts';
import { bytesOf, pageRows, placeAt, type RowContext } from '../../../src/engine/changemap/rows.ts';
import { CHANGED, DATA, tagOf, type Segments } from '../../../src/engine/changemap/segments.ts';
import { SegmentsBuilder } from '../../../src/engine/changemap/segments-builder.ts';
import { build, segmentList, SIZE } from './flat-model.ts';

const context = (segments: Segments): RowContext => ({
  segments,
  points: ['a', 'b'],
  partitions: [],
  changesUnknown: false,
  allocationUnknown: segments.restUnknown,
});

const list = (segments: Segments): number[][] =>
  Array.from({ length: segments.count }, (_, i) => [
    segments.starts[i] as number,
    segments.ends[i] as number,
    segments.tag(i),
  ]);

test('pages follow one another and hold every byte of the segments once', () => {
  fc.assert(
    fc.property(segmentList, fc.integer({ min: 1, max: 9 }), (flat, pageSize) => {
      const whole = context(build(flat, false));
      const rows = [];
      for (let from = 0; from < whole.segments.count; from += pageSize) {
        rows.push(...pageRows(whole, from, pageSize));
      }
      assert.equal(rows.length, whole.segments.count);
      assert.equal(
        rows.reduce((sum, row) => sum + row.length, 0),
        flat.reduce((sum, { start, end }) => sum + end - start, 0),
      );
      assert.equal(
        bytesOf(whole).changed,
        flat.reduce((sum, f) => sum + ((f.states & CHANGED) === 0 ? 0 : f.end - f.start), 0),
      );
    }),
  );
});

test('every offset has its place: a row, or the gap before one', () => {
  fc.assert(
    fc.property(segmentList, fc.nat({ max: SIZE - 1 }), fc.boolean(), (flat, offset, rest) => {
      const place = placeAt(context(build(flat, rest)), offset);
      assert.ok(place.start <= offset && offset < place.start + place.length);
      const own = flat.find(({ start, end }) => start <= offset && offset < end);
      if (own === undefined) assert.equal(place.state, rest ? 'unknown' : 'unchanged');
      else assert.equal(place.state === 'changed', (own.states & CHANGED) !== 0);
    }),
  );
});

test('segments in any order, overlapping, are united as sets of bytes are', () => {
  const ranges = fc.array(
    fc.record({ start: fc.nat({ max: SIZE - 500 }), length: fc.integer({ min: 1, max: 500 }) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(ranges, (each) => {
      const builder = new SegmentsBuilder();
      const bytes = new Uint8Array(SIZE);
      for (const { start, length } of each) {
        builder.add(start, start + length, tagOf(CHANGED));
        bytes.fill(1, start, start + length);
      }
      const united = builder.build(SIZE, true);
      const drawn = new Uint8Array(SIZE);
      for (const [start, end] of list(united)) drawn.fill(1, start, end);
      assert.deepEqual(drawn, bytes);
      for (let i = 1; i < united.count; i++) {
        assert.ok((united.starts[i] as number) > (united.ends[i - 1] as number));
      }
    }),
  );
});

test('an exported table is read back as it was, in pieces of any size', () => {
  fc.assert(
    fc.property(segmentList, fc.integer({ min: 1, max: 50 }), (flat, piece) => {
      const plain = flat.map((f) => ({
        ...f,
        states: (f.states & CHANGED) === 0 ? DATA : CHANGED,
      }));
      const segments = build(plain, true);
      const text = [...csvLines(context(segments))].map((each) => each.text).join('');
      const reader = new CsvReader('test.csv', SIZE);
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece));
      const back = reader.end();
      assert.equal(back.untidy, false);
      assert.deepEqual(list(back.segments), list(segments));
    }),
  );
});

test('a CSV of `refpoint changes` needs no state, no last line end and no size', () => {
  const reader = new CsvReader('c.csv', undefined);
  reader.push(Buffer.from('start,length\n0,4096\n1048576,512\n"2097152","512"'));
  const { segments } = reader.end();
  assert.equal(segments.size, 3 * 2 ** 20);
  assert.deepEqual(list(segments), [
    [0, 4096, tagOf(CHANGED)],
    [1_048_576, 1_049_088, tagOf(CHANGED)],
    [2_097_152, 2_097_664, tagOf(CHANGED)],
  ]);
});

test('what is no range names its line', () => {
  const cases: readonly [string, RegExp][] = [
    ['', /Line 1 of x.csv .*empty|Line 1 .*“start,length”/],
    ['offset,size\n', /Line 1 .*expected “start,length”/],
    ['start,length\n1,2\nx,3\n', /Line 3 .*“x” as start/],
    ['start,length\n1\n', /Line 2 .*as length/],
    ['start,length\n-1,3\n', /Line 2 .*“-1” as start/],
    ['start,length\n1,0\n', /Line 2 .*empty range/],
    ['start,length\n0,9007199254740991\n', /Line 2 .*past the disk/],
    ['start,length\n0,99999999999999999999\n', /Line 2 .*as length/],
    ['start,length,state\n0,5,gone\n', /Line 2 .*“gone” as state/],
    [`start,length\n${'9'.repeat(5000)}`, /Line 2 .*longer/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => {
        const reader = new CsvReader('x.csv', 100_000);
        reader.push(Buffer.from(text));
        reader.end();
      },
      (error: Error) => {
        assert.match(error.message, message);
        return isEngineError(error, 'map.csv.syntax');
      },
    );
  }
});

test('packed ranges are unpacked as they were, and damage is seen', () => {
  fc.assert(
    fc.property(segmentList, fc.constantFrom(1, 512, 2 ** 21), (flat, unit) => {
      const builder = new SegmentsBuilder();
      for (const { start, end } of flat) builder.add(start * unit, end * unit, tagOf(CHANGED));
      const segments = builder.build(SIZE * unit, true);
      const packed = packRanges(segments);
      assert.deepEqual(list(unpackRanges(packed, SIZE * unit)), list(segments));
      if (segments.count === 0) return;
      const cut = { ...packed, bytes: packed.bytes.subarray(0, -1) };
      assert.throws(() => unpackRanges(cut, SIZE * unit), /damaged/);
      const end = segments.ends[segments.count - 1] as number;
      assert.throws(() => unpackRanges(packed, end - 1), /damaged/);
    }),
  );
});
