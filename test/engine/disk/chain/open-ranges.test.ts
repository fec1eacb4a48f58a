import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Range } from '../../../../src/engine/base/range.ts';
import { OpenRanges } from '../../../../src/engine/disk/chain/open-ranges.ts';
import { generator } from '../../../support/files/crash-recorder.ts';

const END = 300;

/** Ordered ranges without a common byte, some of which touch, and the bytes that they cover. */
function randomRanges(random: () => number, within: (at: number) => boolean): Range[] {
  const list: Range[] = [];
  for (let at = 0; at < END;) {
    const length = 1 + Math.floor(random() * 12);
    let end = at;
    while (end < at + length && end < END && within(end)) end++;
    if (end > at && random() < 0.5) list.push({ start: at, end });
    at = Math.max(end, at + 1);
  }
  return list;
}

const covers =
  (ranges: readonly Range[]) =>
  (at: number): boolean =>
    ranges.some(({ start, end }) => start <= at && at < end);

test('what a layer takes is left out of the open ranges, and nothing else, in front of the last range taken and in all', () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = generator(seed);
    const open = randomRanges(random, () => true);
    const taken = randomRanges(random, covers(open));
    const left = new OpenRanges(open);
    const isLeft = (at: number): boolean => covers(open)(at) && !covers(taken)(at);
    const expected = (behind: number): number[] =>
      Array.from({ length: behind }, (_, at) => at).filter(isLeft);
    const found = (): number[] =>
      left.open.flatMap(({ start, end }) =>
        Array.from({ length: end - start }, (_, i) => start + i),
      );
    assert.equal(left.taken, -1);
    for (const range of taken) {
      left.take(range);
      assert.equal(left.taken, range.end);
      assert.deepEqual(found(), expected(range.end), `seed ${seed}, up to ${range.end}`);
    }
    assert.equal(left.rest(), left.open);
    assert.deepEqual(found(), expected(END), `seed ${seed}`);
  }
});
