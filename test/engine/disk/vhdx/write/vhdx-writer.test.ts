import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../../support/checks/properties.ts';
import type { ErrorCode } from '../../../../../src/engine/api/codes.ts';
import { never } from '../../../../../src/engine/base/abort.ts';
import { isEngineError } from '../../../../../src/engine/base/errors.ts';
import { newGuid, NIL_GUID } from '../../../../../src/engine/base/guid.ts';
import { stateName } from '../../../../../src/engine/disk/vhdx/structures/bat-entry.ts';
import {
  chooseBlockSize,
  incrementBlockSize,
} from '../../../../../src/engine/disk/vhdx/structures/block-size.ts';
import { createVhdx } from '../../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { decodeHeader } from '../../../../../src/engine/disk/vhdx/structures/header.ts';
import type { NewImage } from '../../../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { GIB, TIB } from '../../../../support/disk/sizes.ts';
import {
  readMetadata,
  readRegionTable,
} from '../../../../../src/engine/disk/vhdx/read/read-structures.ts';
import { VhdxEditor } from '../../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxImage } from '../../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { VhdxWriter } from '../../../../../src/engine/disk/vhdx/write/vhdx-writer.ts';
import { MemoryStorage } from '../../../../support/files/memory-source.ts';
import { MemoryPart } from '../../../../support/files/memory-part.ts';
import { PageStorage } from '../../../../support/files/page-storage.ts';
import { readTags, tagged } from '../../../../support/disk/tagged-disk.ts';

const SIZE = 5 * MIB + 8192;
const PARENT_TAG = 77;

async function fullParent(sector: 512 | 4096): Promise<{ parent: PageStorage; image: NewImage }> {
  const parent = new PageStorage();
  const shape = { size: SIZE, blockSize: MIB, logicalSectorSize: sector };
  await createVhdx(parent, shape, never);
  const editor = await VhdxEditor.open(parent, never);
  await editor.write(0, tagged(PARENT_TAG, SIZE), never);
  await editor.close();
  const link = { linkage: editor.dataWriteGuid, relativePath: '.\\parent.vhdx' };
  return { parent, image: { ...shape, parent: link } };
}

/** Runs of units of 4 KiB that do not overlap, in random order: written, or zeroed. */
const calls = fc
  .uniqueArray(fc.nat({ max: SIZE / 4096 }), { minLength: 2, maxLength: 24 })
  .chain((edges) => {
    const sorted = edges.sort((a, b) => a - b);
    const runs = sorted.slice(1).map((end, i) => [sorted[i] as number, end] as const);
    return fc.tuple(
      fc.shuffledSubarray(runs),
      fc.array(fc.boolean(), { minLength: runs.length, maxLength: runs.length }),
    );
  });

for (const sector of [512, 4096] as const) {
  for (const kind of ['dynamic', 'differencing'] as const) {
    test(`a ${kind} image with sectors of ${sector} reads as what was written, in any order`, async () => {
      const { parent, image } = await fullParent(sector);
      const { parent: link, ...alone } = image;
      await fc.assert(
        fc.asyncProperty(calls, async ([runs, zeros]) => {
          const part = new MemoryPart();
          const writer = new VhdxWriter(part, kind === 'dynamic' ? alone : image);
          const wanted = new Uint32Array(SIZE / 512).fill(kind === 'dynamic' ? 0 : PARENT_TAG);
          await Promise.all(
            runs.map(async ([start, end], i) => {
              wanted.fill(zeros[i] === true ? 0 : i + 1, start * 8, end * 8);
              const length = (end - start) * 4096;
              if (zeros[i] === true) writer.zero(start * 4096, length);
              else await writer.write(start * 4096, tagged(i + 1, length), never);
            }),
          );
          const done = await writer.complete(never);
          assert.equal(done.fileSize % MIB, 0);
          assert.equal(done.fileSize, part.result.length);
          const layers = [new MemoryStorage(part.result), ...(kind === 'dynamic' ? [] : [parent])];
          assert.deepEqual(await readTags(layers), wanted);
        }),
        { numRuns: thinned(40) },
      );
      assert.ok(link !== undefined);
    });
  }
}

test('a differencing image has ZERO, partial and full blocks where they are due', async () => {
  const { image } = await fullParent(512);
  const part = new MemoryPart();
  const writer = new VhdxWriter(part, image);
  writer.zero(0, MIB / 2);
  writer.zero(MIB / 2, MIB / 2);
  await writer.write(MIB, tagged(1, MIB), never);
  await writer.write(2 * MIB, tagged(2, 512), never);
  writer.zero(3 * MIB, 512);
  await writer.write(5 * MIB, tagged(3, 4096), never);
  writer.zero(5 * MIB + 4096, 4096);
  const { payloadBytes } = await writer.complete(never);
  assert.equal(payloadBytes, MIB + 512 + 4096);
  const disk = await VhdxImage.open(new MemoryStorage(part.result), never);
  const states: string[] = [];
  for await (const batch of disk.blockRuns(0, 6, never)) {
    for (const run of batch) states.push(`${run.first} ${stateName(run.entry.state)}`);
  }
  assert.deepEqual(states, [
    '0 ZERO',
    '1 FULLY_PRESENT',
    '2 PARTIALLY_PRESENT',
    '3 PARTIALLY_PRESENT',
    '4 NOT_PRESENT',
    '5 FULLY_PRESENT',
  ]);
});

test('the tables are such as Windows wants them', async () => {
  const { image } = await fullParent(512);
  const part = new MemoryPart();
  const dataWriteGuid = newGuid();
  const diskId = newGuid();
  const writer = new VhdxWriter(part, { ...image, dataWriteGuid, diskId });
  await writer.write(0, tagged(1, 4096), never);
  await writer.complete(never);
  const first = decodeHeader(part.result.subarray(0x10000, 0x11000), 0x10000);
  const second = decodeHeader(part.result.subarray(0x20000, 0x21000), 0x20000);
  assert.equal(second.sequenceNumber, first.sequenceNumber + 1n);
  assert.deepEqual({ ...second, sequenceNumber: first.sequenceNumber }, first);
  assert.equal(first.logGuid, NIL_GUID);
  assert.equal(first.dataWriteGuid, dataWriteGuid);
  const storage = new MemoryStorage(part.result);
  const regions = await readRegionTable(storage, never);
  assert.ok(regions.bat.required && regions.metadata.required);
  const { entries, metadata } = await readMetadata(storage, regions.metadata, never);
  assert.deepEqual(
    entries.map((e) => (e.isUser ? 1 : 0) | (e.isVirtualDisk ? 2 : 0) | (e.isRequired ? 4 : 0)),
    [4, 6, 6, 6, 6, 4],
  );
  assert.deepEqual(metadata, {
    blockSize: MIB,
    leaveBlocksAllocated: false,
    virtualSize: SIZE,
    logicalSectorSize: 512,
    physicalSectorSize: 4096,
    diskId,
    parent: image.parent,
  });
});

test('a disk of 64 TiB takes no more memory or file than its blocks and its BAT', async () => {
  const part = new MemoryPart();
  const writer = new VhdxWriter(part, { size: 64 * TIB });
  assert.equal(writer.metadata.blockSize, 16 * MIB);
  await writer.write(64 * TIB - 512, tagged(1, 512), never);
  await writer.write(0, tagged(2, 512), never);
  const { fileSize } = await writer.complete(never);
  assert.ok(fileSize <= 100 * MIB, `the file has ${fileSize} bytes`);
  const disk = await VhdxImage.open(new MemoryStorage(part.result), never);
  const end = 64 * TIB;
  const [extent] = await disk.extentsOf({ start: end - 512, end }, never);
  assert.equal(extent?.kind, 'data');
});

test('the block size stays at 2 MiB until the BAT would pass 64 MiB', () => {
  assert.equal(chooseBlockSize(GIB, 512), 2 * MIB);
  assert.equal(chooseBlockSize(15 * TIB, 512), 2 * MIB);
  assert.equal(chooseBlockSize(17 * TIB, 512), 4 * MIB);
  assert.equal(chooseBlockSize(64 * TIB, 4096), 16 * MIB);
});

test('increments have blocks of 1 MiB until the BAT would pass 64 MiB', () => {
  assert.equal(incrementBlockSize(GIB, 512), MIB);
  assert.equal(incrementBlockSize(7 * TIB, 512), MIB);
  assert.equal(incrementBlockSize(9 * TIB, 512), 2 * MIB);
  assert.equal(incrementBlockSize(64 * TIB, 4096), 16 * MIB);
});

const code = (wanted: ErrorCode) => (error: unknown) => isEngineError(error, wanted);

test('a sector given twice is refused, and the image can only be abandoned', async () => {
  const part = new MemoryPart();
  const writer = new VhdxWriter(part, { size: SIZE });
  await writer.write(4096, tagged(1, 8192), never);
  await assert.rejects(writer.write(8192, tagged(2, 512), never), code('vhdx.write.twice'));
  await assert.rejects(writer.complete(never), code('vhdx.write.state'));
  await writer.abandon();
  assert.equal(part.state, 'abandoned');
});

test('a sector that was written cannot be zeroed in a differencing image', async () => {
  const { image } = await fullParent(512);
  const writer = new VhdxWriter(new MemoryPart(), image);
  await writer.write(4096, tagged(1, 8192), never);
  assert.throws(() => writer.zero(0, 8192), code('vhdx.write.twice'));
});

test('a failed write leaves only abandon', async () => {
  const part = new MemoryPart();
  const writer = new VhdxWriter(part, { size: SIZE });
  part.failure = new Error('no space');
  await assert.rejects(writer.write(0, tagged(1, 512), never), /no space/);
  part.failure = undefined;
  await assert.rejects(writer.write(512, tagged(1, 512), never), code('vhdx.write.state'));
  await assert.rejects(writer.complete(never), code('vhdx.write.state'));
  await writer.abandon();
  assert.equal(part.state, 'abandoned');
});

test('images that cannot exist are refused before anything is written', () => {
  const bad: NewImage[] = [
    { size: 0 },
    { size: 1000 },
    { size: 64 * TIB + 512 },
    { size: SIZE, blockSize: 3 * MIB },
    { size: SIZE, blockSize: 512 * MIB },
    { size: 512, logicalSectorSize: 4096 },
    { size: SIZE, logicalSectorSize: 4096, physicalSectorSize: 512 },
  ];
  for (const image of bad) {
    assert.throws(() => new VhdxWriter(new MemoryPart(), image), code('vhdx.write.argument'));
  }
});

test('writes off the sectors or outside the disk are refused', async () => {
  const writer = new VhdxWriter(new MemoryPart(), { size: SIZE });
  for (const [offset, length] of [
    [100, 512],
    [0, 100],
    [SIZE, 512],
    [-512, 512],
    [Number.NaN, 512],
  ] as const) {
    const write = writer.write(offset, new Uint8Array(length), never);
    await assert.rejects(write, code('vhdx.write.argument'));
  }
});
