import assert from 'node:assert/strict';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { parseGuid } from '../../../../../src/engine/base/guid.ts';
import { compareBat } from '../../../../../src/engine/disk/vhdx/read/compare-bat.ts';
import {
  compareHead,
  type ExpectedImage,
  type HeadDifference,
} from '../../../../../src/engine/disk/vhdx/read/compare-head.ts';
import type { NewImage } from '../../../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { GIB } from '../../../../support/disk/sizes.ts';
import type { VhdxMetadata } from '../../../../../src/engine/disk/vhdx/structures/metadata/metadata-items.ts';
import { VhdxWriter } from '../../../../../src/engine/disk/vhdx/write/vhdx-writer.ts';
import { MemoryStorage } from '../../../../support/files/memory-source.ts';
import { MemoryPart } from '../../../../support/files/memory-part.ts';

const parent = {
  linkage: parseGuid('6f9619ff-8b86-4d01-b42d-000000000001'),
  relativePath: '..\\20261122T140305Z-full\\0-system.vhdx',
};
const INCREMENT: NewImage = { size: 9 * MIB, blockSize: MIB, parent };

interface Written {
  readonly bytes: Uint8Array;
  readonly expected: ExpectedImage;
  readonly metadata: VhdxMetadata;
}

/** An image of the writer with blocks that are whole, partial and zero, as far as its kind has them. */
async function written(image: NewImage): Promise<Written> {
  const part = new MemoryPart();
  const writer = new VhdxWriter(part, image);
  const { blockSize, logicalSectorSize, physicalSectorSize, diskId } = writer.metadata;
  if (blockSize <= 2 * MIB) {
    await writer.write(0, new Uint8Array(blockSize).fill(7), never);
    await writer.write(3 * blockSize + 4096, new Uint8Array(4096).fill(8), never);
    writer.zero(2 * blockSize, blockSize);
  }
  const { dataWriteGuid } = await writer.complete(never);
  return {
    bytes: part.result,
    metadata: writer.metadata,
    expected: {
      size: image.size,
      logicalSectorSize,
      physicalSectorSize,
      blockSize,
      diskId,
      dataWriteGuid,
      ...(image.parent === undefined ? {} : { parent: image.parent }),
    },
  };
}

const compare = (
  { bytes, expected }: Written,
  change: Partial<ExpectedImage> = {},
): Promise<readonly HeadDifference[]> =>
  compareHead(new MemoryStorage(bytes), { ...expected, ...change }, never);

test('images of every shape that the writer makes are as it makes them, whether their shape was recorded or not', async () => {
  const shapes: readonly NewImage[] = [
    { size: 9 * MIB },
    INCREMENT,
    { size: 9 * MIB, blockSize: MIB, physicalSectorSize: 512 },
    { size: 9 * MIB, blockSize: 32 * MIB, logicalSectorSize: 4096, parent },
    { size: 100 * GIB + 4096, blockSize: 256 * MIB, parent },
    { size: 3000 * GIB },
    { size: 3000 * GIB, blockSize: 8 * MIB, parent },
  ];
  const unknown = { physicalSectorSize: undefined, blockSize: undefined, diskId: undefined };
  for (const shape of shapes) {
    const image = await written(shape);
    assert.deepEqual(await compare(image), [], JSON.stringify(shape));
    assert.deepEqual(await compare(image, unknown), [], `not recorded: ${JSON.stringify(shape)}`);
    const source = new MemoryStorage(image.bytes);
    assert.equal(await compareBat(source, image.metadata, never), undefined);
  }
});

/** Where each structure lies, and how much of it a flip is tried in. */
const PLACES: readonly (readonly [structure: string, start: number, length: number])[] = [
  ['file identifier', 0, 64],
  ['file identifier', 8 + 512, 8],
  ['header 1', 0x10000, 84],
  ['header 2', 0x20000, 84],
  ['header 1', 0x10000 + 4090, 8],
  ['region table 1', 0x30000, 84],
  ['region table 2', 0x40000, 84],
  ['region table 2', 0x4fff0, 16],
  ['unused space of the head', 0x50000, 4],
  ['log', MIB, 4],
  ['log', 2 * MIB - 1, 1],
  ['metadata table', 2 * MIB, 50],
  ['metadata table', 2 * MIB + 32 + 5 * 32, 36],
  ['file parameters', 2 * MIB + 65_536, 8],
  ['virtual disk size', 2 * MIB + 65_544, 8],
  ['logical sector size', 2 * MIB + 65_552, 4],
  ['physical sector size', 2 * MIB + 65_556, 4],
  ['virtual disk id', 2 * MIB + 65_560, 16],
  ['parent locator', 2 * MIB + 65_576, 20 + 2 * 12 + (14 + 38 + 13 + 38) * 2],
  ['unused space of the metadata', 3 * MIB - 4, 4],
];

test('a flipped bit anywhere before the block table is found, with the structure that it is in', async () => {
  const image = await written(INCREMENT);
  let flips = 0;
  for (const [structure, start, length] of PLACES) {
    const step = length > 60 ? 5 : length > 30 ? 2 : 1;
    for (let at = start; at < start + length; at += step) {
      // A different bit from byte to byte: single bits of flags, low and high ones.
      const bit = 1 << ((at * 5 + (at >> 3)) % 8);
      image.bytes[at] = (image.bytes[at] ?? 0) ^ bit;
      const found = await compare(image);
      assert.deepEqual(
        found.map((each) => [each.structure, each.offset, each.bytes]),
        [[structure, at, 1]],
      );
      assert.equal(found[0]?.found, image.bytes[at]);
      image.bytes[at] = (image.bytes[at] ?? 0) ^ bit;
      assert.equal(found[0]?.expected, image.bytes[at]);
      flips++;
    }
  }
  assert.deepEqual(await compare(image), []);
  assert.ok(flips > 200, `${flips} flips`);
});

test('all bits of the flags that Windows needs are compared', async () => {
  const image = await written(INCREMENT);
  const table = 2 * MIB;
  const flags = [0, 1, 2, 3, 4, 5].map((entry) => table + 32 + entry * 32 + 24);
  for (const at of [...flags, table + 65_536 + 4]) {
    for (let bit = 0; bit < 8; bit++) {
      image.bytes[at] = (image.bytes[at] ?? 0) ^ (1 << bit);
      assert.equal((await compare(image)).length, 1, `bit ${bit} at ${at}`);
      image.bytes[at] = (image.bytes[at] ?? 0) ^ (1 << bit);
    }
  }
});

test('a block size that nobody recorded is believed only if the length of the block table agrees', async () => {
  const image = await written({ size: 3000 * GIB, blockSize: 8 * MIB });
  const unknown = { blockSize: undefined };
  assert.deepEqual(await compare(image, unknown), []);
  image.bytes[2 * MIB + 65_536 + 2] = 0x10; // 1 MiB
  assert.deepEqual(
    (await compare(image, unknown)).map(({ structure }) => structure),
    ['file parameters'],
  );
});

test('an image that ends before its block table differs, and is no crash', async () => {
  const image = await written(INCREMENT);
  const cut = { ...image, bytes: image.bytes.slice(0, 100_000) };
  assert.ok((await compare(cut)).length > 3);
  const none = { ...image, bytes: new Uint8Array() };
  assert.ok((await compare(none)).length > 3);
  const source = new MemoryStorage(image.bytes.slice(0, 3 * MIB + 4096));
  assert.match((await compareBat(source, image.metadata, never))?.problem ?? '', /beyond the end/);
});

/** Another entry that the writer could have made: only the contents of the disk tell that it did not. */
function possible(low: number, bit: number, increment: boolean): boolean {
  const state = low & 7;
  if (state >= 6) return (bit === 0 && increment) || (bit >= 20 && bit < 24);
  return bit === 1 && increment;
}

for (const kind of ['full', 'increment'] as const) {
  test(`a flipped bit in the block table of a ${kind} is found, if no image could have it`, async () => {
    const increment = kind === 'increment';
    const image = await written(increment ? INCREMENT : { size: 9 * MIB, blockSize: MIB });
    const source = new MemoryStorage(image.bytes);
    const view = new DataView(image.bytes.buffer);
    for (const entry of [0, 1, 2, 3, 4, 8, 9, 4096, 8191, 8192, 131_071]) {
      const start = 3 * MIB + entry * 8;
      const low = view.getUint32(start, true);
      for (let bit = 0; bit < 64; bit++) {
        const at = start + (bit >> 3);
        image.bytes[at] = (image.bytes[at] ?? 0) ^ (1 << (bit & 7));
        const found = await compareBat(source, image.metadata, never);
        image.bytes[at] = (image.bytes[at] ?? 0) ^ (1 << (bit & 7));
        if (found === undefined) {
          const used = entry <= 8 || entry === 4096;
          assert.ok(used && possible(low, bit, increment), `bit ${bit} of entry ${entry}`);
        }
      }
    }
    assert.equal(await compareBat(source, image.metadata, never), undefined);
  });
}
