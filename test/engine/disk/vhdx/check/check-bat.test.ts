import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { BatCheck } from '../../../../../src/engine/disk/vhdx/check/check-bat.ts';
import { UsedUnits } from '../../../../../src/engine/disk/vhdx/check/used-units.ts';
import { newMetadata } from '../../../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import {
  batRegionLength,
  chunkRatio,
  indexOfBitmap,
  indexOfBlock,
  MIB,
  payloadBlockCount,
  REGION_BAT,
} from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { MemoryStorage } from '../../../../support/files/memory-source.ts';

const BAT = 3 * MIB;
const ZERO = 2n;
const RESERVED_STATE = 4n;

/** Numbers in [0, 1) that are the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('a bad entry is found wherever it lies among blocks of zeros', async () => {
  const next = random(11);
  for (let round = 0; round < 20; round++) {
    const size = (131_072 + Math.floor(next() * 300_000)) * MIB + 512;
    const disk = newMetadata({ size, logicalSectorSize: 512 }, MIB);
    const [ratio, blocks] = [chunkRatio(disk), payloadBlockCount(disk)];
    const length = batRegionLength(disk, false);
    const bytes = new Uint8Array(BAT + length);
    const table = new BigUint64Array(bytes.buffer, BAT, length / 8);
    // Entries of zeros and of blocks of zeros in runs of any length.
    for (let block = 0; block < blocks;) {
      const end = Math.min(blocks, block + Math.floor(next() ** 4 * 50_000) + 1);
      const state = next() < 0.7 ? ZERO : 0n;
      for (; block < end; block++) table[indexOfBlock(ratio, block)] = state;
    }
    const bad = new Set<number>();
    const spoil = (index: number, value: bigint): void => {
      table[index] = value;
      bad.add(index);
    };
    for (const block of [0, blocks - 1, Math.floor(next() * blocks), Math.floor(next() * blocks)]) {
      spoil(indexOfBlock(ratio, block), RESERVED_STATE);
    }
    // A block of zeros with reserved bits.
    spoil(indexOfBlock(ratio, Math.floor(next() * blocks)), 0x10n | ZERO);
    // A bitmap has no such state, and an image without a parent no bitmap.
    const chunk = Math.floor(next() * Math.floor(blocks / ratio));
    spoil(indexOfBitmap(ratio, chunk), ZERO);
    const source = new MemoryStorage(bytes);
    const bat = { id: REGION_BAT, offset: BAT, length, required: true };
    const check = new BatCheck(source, bat, disk, [], new UsedUnits(bytes.length));
    const found: number[] = [];
    for await (const { offset } of check.run(never)) found.push((offset - BAT) / 8);
    assert.deepEqual(
      found,
      [...bad].toSorted((a, b) => a - b),
      `round ${round}, ${blocks} blocks`,
    );
  }
});
