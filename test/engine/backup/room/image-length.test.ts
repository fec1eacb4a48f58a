import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { cellWork } from '../../../../src/engine/backup/hashes/cell-work.ts';
import { CELL_SIZE, cellLength } from '../../../../src/engine/backup/hashes/hash-cell.ts';
import {
  fullImageLength,
  incrementLength,
} from '../../../../src/engine/backup/room/image-length.ts';
import { completeBlocks } from '../../../../src/engine/backup/images/whole-blocks.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { newGuid } from '../../../../src/engine/base/guid.ts';
import type { Range } from '../../../../src/engine/base/range.ts';
import { RangeSet } from '../../../../src/engine/base/range-set.ts';
import { chunkRatio } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxWriter } from '../../../../src/engine/disk/vhdx/write/vhdx-writer.ts';
import type { PartWriter } from '../../../../src/engine/source/byte-source.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Takes what is written and keeps nothing. */
const nowhere: PartWriter = {
  name: 'nowhere',
  write: async () => undefined,
  complete: async () => undefined,
  abandon: async () => undefined,
};

interface Sample {
  readonly size: number;
  readonly sector: 512 | 4096;
  readonly blockSize: number;
  readonly ranges: RangeSet;
}

/** Ranges of few sectors to some blocks, most of them close to each other, so that blocks and chunks are met in every way. */
const samples = fc
  .record({
    sector: fc.constantFrom(512 as const, 4096 as const),
    blockSize: fc.constantFrom(MIB, 2 * MIB, 8 * MIB),
    size: fc.integer({ min: 1, max: 40 }).map((n) => n * 300 * MIB + 12_288),
    places: fc.array(
      fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), sectors: fc.nat(3000) }),
      { minLength: 1, maxLength: 24 },
    ),
  })
  .map(({ places, ...shape }): Sample => {
    const sectors = shape.size / shape.sector;
    const ranges = places.map(({ at, sectors: count }): Range => {
      const start = Math.floor(at * sectors);
      const end = Math.min(sectors, start + count + 1);
      return { start: start * shape.sector, end: end * shape.sector };
    });
    return { ...shape, ranges: RangeSet.of(ranges) };
  });

/** Length of the file that the writer makes of ranges without a zero. */
async function written(
  { size, sector, blockSize, ranges }: Sample,
  increment: boolean,
): Promise<number> {
  const parent = { linkage: newGuid(), relativePath: '.\\base.vhdx' };
  const shape = { size, blockSize, logicalSectorSize: sector, physicalSectorSize: 4096 } as const;
  const writer = new VhdxWriter(nowhere, increment ? { ...shape, parent } : shape);
  const cells = cellWork(ranges, size, sector);
  const bytes = Buffer.alloc(CELL_SIZE, 1);
  for await (const { cell, parts, whole } of completeBlocks(
    cells,
    increment ? writer.metadata : null,
  )) {
    const start = cell * CELL_SIZE;
    const stored = whole ? [{ start, end: start + cellLength(cell, size) }] : parts;
    for (const part of stored)
      await writer.write(part.start, bytes.subarray(0, part.end - part.start), never);
  }
  return (await writer.complete(never)).fileSize;
}

test('the length of an image is known before it is written, for any ranges and blocks', async () => {
  await fc.assert(
    fc.asyncProperty(samples, async (sample) => {
      const { size, sector, blockSize, ranges } = sample;
      const geometry = { virtualSize: size, blockSize, logicalSectorSize: sector };
      assert.equal(await fullImageLength(ranges, geometry), await written(sample, false));
      assert.equal(await incrementLength(ranges, geometry), await written(sample, true));
    }),
    { numRuns: thinned(60) },
  );
});

test('scattered changes count as the blocks and bitmaps that they lengthen the file by, not as their bytes', async () => {
  const size = 16 * GIB;
  const ranges = RangeSet.of(
    Array.from({ length: 6400 }, (_, i) => {
      const start = Math.floor((i * size) / 6400 / 65_536) * 65_536;
      return { start, end: start + 65_536 };
    }),
  );
  assert.equal(ranges.bytes, 400 * MIB);
  const geometry = { virtualSize: size, blockSize: MIB, logicalSectorSize: 512 };
  const length = await incrementLength(ranges, geometry);
  const chunks = size / (chunkRatio(geometry) * MIB);
  assert.equal(length, 3 * MIB + MIB + 6400 * MIB + chunks * MIB);
  // In blocks of 2 MiB, as images of a full have: almost 13 GB.
  const coarse = await incrementLength(ranges, { ...geometry, blockSize: 2 * MIB });
  assert.ok(coarse > 12.5 * GIB * 0.97 && coarse < 13 * GIB, `${coarse}`);
});
