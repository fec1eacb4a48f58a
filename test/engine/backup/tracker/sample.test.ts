import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  assert.match(line ?? '', /4 of 100 unchanged cells.*95 % confidence.*fewer than 52 of them/);
});
