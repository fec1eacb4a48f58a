import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Range } from '../../../../src/engine/base/range.ts';
import {
  eitherOf,
  touchedCells,
  without,
} from '../../../../src/engine/backup/tracker/cell-runs.ts';
import { CellSample, ruledOut, sampleSize } from '../../../../src/engine/backup/tracker/sample.ts';
import { checkLines } from '../../../../src/engine/backup/tracker/check-text.ts';

const MIB = 2 ** 20;

test('a sample has a tenth of what the increment read, 4 cells at least and 64 at most', () => {
  const sizes = [0, MIB, 40 * MIB, 41 * MIB, 400 * MIB, 640 * MIB, 10_000 * MIB];
  assert.deepEqual(
    sizes.map((bytes) => sampleSize(bytes, MIB)),
    [4, 4, 4, 5, 40, 64, 64],
  );
});

async function cellsOf(runs: AsyncIterable<Range>): Promise<number[]> {
  const cells: number[] = [];
  let last = -1;
  for await (const { start, end } of runs) {
    assert.ok(start > last && end > start, 'in order, apart');
    last = end - 1;
    for (let cell = start; cell < end; cell++) cells.push(cell);
  }
  return cells;
}

test('sets of cells agree with sets of numbers', async () => {
  let state = 1;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state % limit;
  };
  const ranges = (): Range[] => {
    const out: Range[] = [];
    for (let at = random(3 * MIB); at < 60 * MIB;) {
      const end = at + 1 + random(4 * MIB);
      out.push({ start: at, end });
      at = end + 1 + random(3 * MIB);
    }
    return out;
  };
  const touched = (all: readonly Range[]): Set<number> =>
    new Set(
      all.flatMap(({ start, end }) => {
        const first = Math.floor(start / MIB);
        return Array.from({ length: Math.ceil(end / MIB) - first }, (_, i) => first + i);
      }),
    );
  const sorted = (cells: Iterable<number>): number[] => [...cells].sort((a, b) => a - b);
  for (let round = 0; round < 200; round++) {
    const [a, b] = [ranges(), ranges()];
    const [cellsA, cellsB] = [touched(a), touched(b)];
    assert.deepEqual(await cellsOf(touchedCells(a)), sorted(cellsA));
    const both = eitherOf(touchedCells(a), touchedCells(b));
    assert.deepEqual(await cellsOf(both), sorted(new Set([...cellsA, ...cellsB])));
    const left = without(touchedCells(a), touchedCells(b));
    assert.deepEqual(await cellsOf(left), sorted([...cellsA].filter((cell) => !cellsB.has(cell))));
  }
});

test('each candidate is drawn as often as any other', () => {
  const hits = new Map<number, number>();
  const rounds = 6000;
  for (let round = 0; round < rounds; round++) {
    const sample = new CellSample(4);
    for (const run of [
      { start: 3, end: 10 },
      { start: 20, end: 21 },
      { start: 30, end: 42 },
    ]) {
      sample.add(run);
    }
    assert.equal(sample.candidates, 20);
    assert.equal(new Set(sample.cells).size, 4);
    for (const cell of sample.cells) hits.set(cell, (hits.get(cell) ?? 0) + 1);
  }
  assert.equal(hits.size, 20);
  // 1200 expected; 10 standard deviations are 310.
  for (const [cell, count] of hits) assert.ok(Math.abs(count - 1200) < 310, `${cell}: ${count}`);
  const few = new CellSample(64);
  few.add({ start: 5, end: 8 });
  assert.deepEqual(few.cells, [5, 6, 7]);
});

test('what a sample rules out follows from drawing without repetition', () => {
  // All read: any wrong cell would have shown. None read: nothing is ruled out.
  assert.equal(ruledOut(10, 10), 1);
  assert.equal(ruledOut(10, 0), 11);
  // Of 100 cells 4 are read: 1 - 0.05 ^ (1/4) of them and a few less, since none is read twice.
  const least = ruledOut(100, 4);
  assert.equal(least, 52);
  const miss = (wrong: number): number =>
    ((100 - wrong) * (99 - wrong) * (98 - wrong) * (97 - wrong)) / (100 * 99 * 98 * 97);
  assert.ok(miss(least) <= 0.05 && miss(least - 1) > 0.05);
  const check = {
    slot: 'scsi0:0',
    candidateCells: 100,
    checkedCells: 4,
    ruledOutCells: least,
    confidence: 0.95,
  };
  const [line] = checkLines({ mode: 'sample', checkedBytes: 4 * MIB, disks: [check] });
  assert.match(line ?? '', /4 of 100 unchanged cells.*95 % confidence, fewer than 52 of them/);
});
