import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  chunkRatio,
  MIB,
  batIndexOfPayload,
} from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { TIB } from '../../../support/disk/sizes.ts';
import { dataOffset, entryOffset } from '../../../../src/views/disk-anatomy/blocks/block-entry.ts';

const entry = (bits: bigint): Uint8Array => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(bits);
  return bytes;
};

test('an entry lies where the engine’s own layout has it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 0, max: 2 ** 26 }),
      (power, block) => {
        const geometry = {
          virtualSize: 64 * TIB,
          blockSize: MIB * 2 ** power,
          logicalSectorSize: 512,
        };
        const blocks = {
          total: 2 ** 26,
          counts: {
            present: 0,
            partial: 0,
            zero: 0,
            notPresent: 0,
            unmapped: 0,
            undefined: 0,
            bad: 0,
          },
          batOffset: 3 * MIB,
          chunkRatio: chunkRatio(geometry),
        };
        assert.equal(entryOffset(blocks, block), 3 * MIB + 8 * batIndexOfPayload(geometry, block));
      },
    ),
  );
});

test('data lie where the entry says, up to the largest file, and nowhere in other states', () => {
  assert.equal(dataOffset(entry((5n << 20n) | 6n)), 5 * MIB);
  assert.equal(dataOffset(entry((5n << 20n) | 7n)), 5 * MIB);
  const far = 64 * TIB + 7 * MIB;
  assert.equal(dataOffset(entry(BigInt(far) | 6n)), far);
  for (const state of [0n, 1n, 2n, 3n, 4n, 5n]) {
    assert.equal(dataOffset(entry((5n << 20n) | state)), null);
  }
  // Larger than a number can say exactly.
  assert.equal(dataOffset(entry((1n << 63n) | 6n)), null);
  assert.equal(dataOffset(new Uint8Array(7)), null);
});
