import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { thinned } from '../../../support/checks/properties.ts';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { RangeSet } from '../../../../src/engine/base/range-set.ts';
import { copyDisk } from '../../../../src/engine/backup/images/copy-disk.ts';
import type { CopyResult } from '../../../../src/engine/backup/images/copy-source.ts';
import type { CopyBase } from '../../../../src/engine/backup/images/copy-piece.ts';
import { digestOf } from '../../../../src/engine/backup/hashes/hash-cell.ts';
import { HASHES_V2 } from '../../../../src/engine/backup/hashes/hash-format.ts';
import { HashTreeWriter } from '../../../../src/engine/backup/hashes/hash-tree-writer.ts';
import { ChainDisk } from '../../../../src/engine/disk/chain/chain.ts';
import { stateName } from '../../../../src/engine/disk/vhdx/structures/bat-entry.ts';
import { createVhdx } from '../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import type { NewImage } from '../../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxEditor } from '../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxImage } from '../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { VhdxWriter } from '../../../../src/engine/disk/vhdx/write/vhdx-writer.ts';
import { MemoryStorage } from '../../../support/files/memory-source.ts';
import { PageStorage } from '../../../support/files/page-storage.ts';
import { MemoryPart } from '../../../support/files/memory-part.ts';

const SIZE = 23 * MIB + 8192;

/** A parent with data in every other MiB, and what children of it are. */
async function parentOf(
  sector: 512 | 4096,
): Promise<{ storage: PageStorage; bytes: Buffer; image: NewImage }> {
  const storage = new PageStorage();
  const bytes = Buffer.alloc(SIZE);
  const shape = { size: SIZE, blockSize: 2 * MIB, logicalSectorSize: sector };
  await createVhdx(storage, shape, never);
  const editor = await VhdxEditor.open(storage, never);
  for (let at = 0; at < SIZE; at += 2 * MIB) {
    bytes.fill(at / MIB + 1, at, at + MIB);
    await editor.write(at, bytes.subarray(at, Math.min(at + MIB, SIZE)), never);
  }
  await editor.close();
  const link = { linkage: editor.dataWriteGuid, relativePath: '.\\parent.vhdx' };
  return { storage, bytes, image: { ...shape, parent: link } };
}

interface Copied extends CopyResult {
  readonly fileSize: number;
  readonly child: VhdxImage;
  readonly bytes: Buffer;
}

/** Copies the ranges of `now` into a child of the parent, and reads the chain. */
async function copied(
  parent: Awaited<ReturnType<typeof parentOf>>,
  now: Buffer,
  ranges: readonly { start: number; end: number }[],
  blockSize: number,
): Promise<Copied> {
  const disk = new ChainDisk([await VhdxImage.open(parent.storage, never)]);
  const leaf = async (unit: number): Promise<Uint8Array> => {
    const start = unit * HASHES_V2.unit;
    return digestOf(parent.bytes.subarray(start, start + HASHES_V2.unit));
  };
  const base = { disk, hashes: { leaf } as unknown as CopyBase['hashes'] };
  const part = new MemoryPart();
  const writer = new VhdxWriter(part, { ...parent.image, blockSize });
  const source = {
    size: SIZE,
    sector: parent.image.logicalSectorSize ?? 512,
    ranges: RangeSet.of(ranges),
    read: async (offset: number, into: Uint8Array) => {
      now.copy(into, 0, offset, offset + into.length);
    },
  };
  const hashes = HashTreeWriter.begin(null, SIZE, HASHES_V2, null);
  const result = await copyDisk(source, writer, hashes, base, noProgress, never);
  const { fileSize } = await writer.complete(never);
  const child = await VhdxImage.open(new MemoryStorage(part.result), never);
  const chain = new ChainDisk([child, disk.layers[0] as VhdxImage]);
  const bytes = Buffer.alloc(SIZE);
  await chain.read(0, bytes, never);
  return { ...result, fileSize, child, bytes };
}

async function states({ child }: Copied): Promise<readonly string[]> {
  const names: string[] = [];
  const blocks = Math.ceil(SIZE / child.metadata.blockSize);
  for await (const runs of child.blockRuns(0, blocks, never)) {
    for (const { first, end, entry } of runs) {
      for (let block = first; block < end; block++) names.push(stateName(entry.state));
    }
  }
  return names;
}

const change = fc.record({
  at: fc.nat({ max: SIZE / 4096 - 1 }),
  pages: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constantFrom(256, 512, 700)),
  fill: fc.constantFrom(0, 0, 200, 201),
});

for (const sector of [512, 4096] as const) {
  for (const blockSize of [MIB, 2 * MIB, 8 * MIB]) {
    test(`an increment with blocks of ${blockSize / MIB} MiB and sectors of ${sector} reads as the disk`, async () => {
      const parent = await parentOf(sector);
      await fc.assert(
        fc.asyncProperty(fc.array(change, { maxLength: 40 }), async (changes) => {
          const now = Buffer.from(parent.bytes);
          const ranges = changes.map(({ at, pages, fill }) => {
            const start = at * 4096;
            const end = Math.min(start + pages * 4096, SIZE);
            now.fill(fill, start, end);
            return { start, end };
          });
          const result = await copied(parent, now, ranges, blockSize);
          assert.ok(result.bytes.equals(now));
          const changed = RangeSet.of(ranges).bytes;
          assert.equal(result.readBytes, changed);
          const partial = (await states(result)).flatMap((name, block) =>
            name === 'PARTIALLY_PRESENT' ? [block] : [],
          );
          // All of this disk is one chunk.
          const lacking = partial.reduce((sum, block) => {
            const here = { start: block * blockSize, end: Math.min((block + 1) * blockSize, SIZE) };
            const stored = RangeSet.of(ranges).intersect(RangeSet.of([here])).bytes;
            return sum + here.end - here.start - stored;
          }, 0);
          assert.ok(lacking === 0 || lacking > MIB, `${lacking} bytes in place of a bitmap`);
        }),
        { numRuns: thinned(12) },
      );
    });
  }
}

test('few changes cost their blocks and no sector bitmap; many keep their size in what is written', async () => {
  const parent = await parentOf(512);
  const now = Buffer.from(parent.bytes);
  const some = (count: number, length: number, stride: number): { start: number; end: number }[] =>
    Array.from({ length: count }, (_, i) => ({ start: i * stride, end: i * stride + length }));
  for (const { start, end } of some(20, 65_536, MIB)) now.fill(99, start, end);
  // Log, metadata and BAT come to 4 MiB.
  const one = await copied(parent, now, some(1, 65_536, MIB), MIB);
  assert.deepEqual([one.fileSize, one.storedBytes], [5 * MIB, MIB]);
  const four = await copied(parent, now, some(4, 0.75 * MIB, 2 * MIB), MIB);
  assert.deepEqual([four.fileSize, four.storedBytes], [8 * MIB, 4 * MIB]);
  const many = await copied(parent, now, some(20, 65_536, MIB), MIB);
  assert.deepEqual([many.fileSize, many.storedBytes], [25 * MIB, 20 * 65_536]);
  // The parent has zeros in the second MiB: the gap is in the file.
  const gap = await copied(parent, now, [{ start: MIB, end: MIB + 65_536 }], MIB);
  assert.deepEqual([gap.fileSize, gap.storedBytes], [5 * MIB, 65_536]);
});

test('a cell that becomes zero by a small change becomes a zero block', async () => {
  const parent = await parentOf(512);
  const now = Buffer.from(parent.bytes);
  now.fill(0, 0, MIB);
  // The parent has zeros in the second MiB: what completes the changed page is zero too.
  const ranges = [
    { start: 0, end: MIB },
    { start: MIB + 4096, end: MIB + 8192 },
  ];
  const result = await copied(parent, now, ranges, MIB);
  assert.deepEqual((await states(result)).slice(0, 3), ['ZERO', 'ZERO', 'NOT_PRESENT']);
  assert.equal(result.fileSize, 4 * MIB);
});
