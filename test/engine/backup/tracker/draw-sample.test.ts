import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { ChainHashes } from '../../../../src/engine/backup/hashes/chain-hashes.ts';
import { digestOf } from '../../../../src/engine/backup/hashes/hash-cell.ts';
import {
  HASHES_V1,
  HASHES_V2,
  type HashFormat,
} from '../../../../src/engine/backup/hashes/hash-format.ts';
import { HashTreeWriter } from '../../../../src/engine/backup/hashes/hash-tree-writer.ts';
import { drawSample } from '../../../../src/engine/backup/tracker/draw-sample.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import type { Range } from '../../../../src/engine/base/range.ts';
import { RangeSet } from '../../../../src/engine/base/range-set.ts';
import { ChainDisk } from '../../../../src/engine/disk/chain/chain.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxImage } from '../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { VhdxWriter } from '../../../../src/engine/disk/vhdx/write/vhdx-writer.ts';
import { CountingSource } from '../../../support/files/counting-source.ts';
import type { PartWriter } from '../../../../src/engine/source/byte-source.ts';
import { PageImage, PageStorage } from '../../../support/files/page-storage.ts';

const TIB = 2 ** 40;
/** So much was read that a sample has all of its 64 cells. */
const MUCH = 2 ** 40;

/** Keeps a file in pages, but for the parts that `drops` names. */
function partOf(storage: PageStorage, drops: (length: number) => boolean): PartWriter {
  return {
    name: storage.name,
    write: async (offset, bytes) => {
      if (!drops(bytes.length)) await storage.write(offset, bytes);
    },
    complete: (size) => storage.resize(size),
    abandon: async () => undefined,
  };
}

interface Stored {
  readonly image: CountingSource;
  readonly hashes: CountingSource;
  readonly disk: ChainDisk;
  readonly tree: ChainHashes;
}

/** An image with a sector in each of `blocks`, and a tree with a unit of data at each of `units`. */
async function stored(
  size: number,
  format: HashFormat,
  blocks: readonly number[],
  units: readonly number[],
): Promise<Stored> {
  const imageFile = new PageStorage(new PageImage(), 'image');
  const hashFile = new PageStorage(new PageImage(), 'hashes');
  // What a block holds is not looked at: only that it is there.
  const writer = new VhdxWriter(
    partOf(imageFile, (length) => length === 512),
    { size, blockSize: 2 * MIB },
  );
  const sector = Buffer.alloc(512, 1);
  for (const block of blocks) await writer.write(block * 2 * MIB, sector, never);
  await writer.complete(never);
  const hashes = HashTreeWriter.begin(
    partOf(hashFile, () => false),
    size,
    format,
    null,
  );
  const digest = digestOf(sector);
  for (const [i, unit] of units.entries()) {
    hashes.set(unit, digest);
    if (i % 4096 === 0) await hashes.sealBelow(unit, never);
  }
  const { root } = await hashes.finish(never);
  const [image, hashSource] = [new CountingSource(imageFile), new CountingSource(hashFile)];
  return {
    image,
    hashes: hashSource,
    disk: new ChainDisk([await VhdxImage.open(image, never)]),
    tree: await ChainHashes.open([hashSource], size, format, root, never),
  };
}

const sorted = (numbers: Iterable<number>): number[] => [...new Set(numbers)].sort((a, b) => a - b);

const cellsOf = ({ start, end }: Range): number[] => {
  const first = Math.floor(start / MIB);
  return Array.from({ length: Math.ceil(end / MIB) - first }, (_, i) => first + i);
};

for (const format of [HASHES_V1, HASHES_V2]) {
  const shapes = fc
    .oneof(
      fc.integer({ min: 1, max: 40 * 2048 }).map((sectors) => sectors * 512),
      // Larger than what is looked at together.
      fc.integer({ min: 1, max: 400 }).map((n) => n * 2 ** 30 - 512),
    )
    .chain((size) => {
      const places = (unit: number): fc.Arbitrary<number[]> =>
        fc.array(fc.nat(Math.ceil(size / unit) - 1), { maxLength: 9 }).map(sorted);
      return fc.record({
        size: fc.constant(size),
        blocks: places(2 * MIB),
        units: places(format.unit),
        changed: fc
          .array(fc.tuple(fc.nat(Math.floor(size / 512) - 1), fc.nat(6000)), { maxLength: 5 })
          .map((all) =>
            RangeSet.of(
              all.map(([at, sectors]) => ({
                start: at * 512,
                end: Math.min(size, (at + sectors + 1) * 512),
              })),
            ),
          ),
      });
    });

  test(`a sample is drawn from all cells with data that are unchanged, and no others, units of ${format.unit}`, async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async ({ size, blocks, units, changed }) => {
        const { disk, tree } = await stored(size, format, blocks, units);
        const taken = new Set([...changed].flatMap(cellsOf));
        const data = [
          ...blocks.flatMap((block) => [2 * block, 2 * block + 1]),
          ...units.map((unit) => Math.floor((unit * format.unit) / MIB)),
        ];
        const wanted = sorted(data.filter((cell) => !taken.has(cell) && cell * MIB < size));
        const sample = await drawSample({ disk, changed, readBytes: MUCH }, tree, never);
        assert.deepEqual(sample.cells, wanted);
        assert.equal(sample.candidates, wanted.length);
      }),
      { numRuns: thinned(60) },
    );
  });
}

test('a disk that is a single cell has it in the sample if any of its units holds data', async () => {
  for (const units of [[], [0], [5], [15]]) {
    const { disk, tree } = await stored(MIB - 512, HASHES_V2, [], units);
    const sample = await drawSample({ disk, changed: [], readBytes: MUCH }, tree, never);
    assert.deepEqual(sample.cells, units.length === 0 ? [] : [0]);
  }
});

test('a change that begins before a border of what is looked at together counts behind it too', async () => {
  const border = 64 * 2 ** 30;
  const first = border / (2 * MIB) - 2;
  const { disk, tree } = await stored(
    2 * border,
    HASHES_V2,
    [0, 1, 2, 3].map((n) => first + n),
    [],
  );
  const changed = [{ start: border - 3 * MIB, end: border + 2 * MIB }];
  const sample = await drawSample({ disk, changed, readBytes: MUCH }, tree, never);
  const cell = border / MIB;
  assert.deepEqual(sample.cells, [cell - 4, cell + 2, cell + 3]);
});

test('drawing from 30,000 blocks spread over 1 TiB reads tables only', async (t) => {
  const count = 30_000;
  const step = TIB / (2 * MIB) / count;
  const blocks = Array.from({ length: count }, (_, i) => Math.floor(i * step));
  const { unit } = HASHES_V2;
  const units = blocks.map((block) => (block * 2 * MIB) / unit);
  const { disk, tree, image, hashes } = await stored(TIB, HASHES_V2, blocks, units);
  const before = image.readBytes + hashes.readBytes;
  const begun = process.cpuUsage();
  const changed = [{ start: 0, end: 1 }];
  const sample = await drawSample({ disk, changed, readBytes: MUCH }, tree, never);
  const { user, system } = process.cpuUsage(begun);
  const read = image.readBytes + hashes.readBytes - before;
  const seconds = (user + system) / 1e6;
  t.diagnostic(`${seconds.toFixed(2)} s of processor time, ${(read / MIB).toFixed(1)} MiB read`);
  assert.equal(sample.candidates, 2 * count - 1);
  assert.equal(sample.cells.length, 64);
  // The block table is 4 MiB; nodes of 32 bytes for each of 2^20 cells are 32 MiB.
  assert.ok(read < 40 * MIB, `${read} bytes were read`);
});
