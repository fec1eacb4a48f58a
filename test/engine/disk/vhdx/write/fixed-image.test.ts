import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import { newGuid } from '../../../../../src/engine/base/guid.ts';
import type { NewDisk } from '../../../../../src/engine/disk/image/image-writer.ts';
import { MIB, payloadBlockCount } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { stateName } from '../../../../../src/engine/disk/vhdx/structures/bat-entry.ts';
import { VhdxImage } from '../../../../../src/engine/disk/vhdx/read/vhdx-image.ts';
import { writeVhdx } from '../../../../../src/engine/disk/vhdx/write/write-vhdx.ts';
import { MemoryPart } from '../../../../support/files/memory-part.ts';
import { MemoryStorage } from '../../../../support/files/memory-source.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { peer } from '../../../../support/process/peers.ts';

type Call = readonly ['write' | 'zero', start: number, length: number];

async function written(disk: NewDisk, calls: readonly Call[]): Promise<Uint8Array> {
  const part = new MemoryPart();
  const writer = writeVhdx(part, disk);
  for (const [what, start, length] of calls) {
    if (what === 'zero') writer.zero(start, length);
    else await writer.write(start, new Uint8Array(length).fill(1 + (start % 251)), never);
  }
  await writer.complete(never);
  return part.result;
}

const opened = (file: Uint8Array): Promise<VhdxImage> =>
  VhdxImage.open(new MemoryStorage(file), never);

async function states(image: VhdxImage): Promise<string[]> {
  const out: string[] = [];
  for await (const runs of image.blockRuns(0, payloadBlockCount(image.metadata), never)) {
    for (const { first, end, entry } of runs) {
      for (let i = first; i < end; i++) out.push(stateName(entry.state));
    }
  }
  return out;
}

for (const [blockSize, size] of [
  [MIB, 5 * MIB + 512],
  [2 * MIB, 2 * MIB],
  [32 * MIB, 40 * MIB + 4096],
] as const) {
  test(`a fixed image of ${size} bytes in blocks of ${blockSize} holds every block, in order`, async (t) => {
    const disk = { size, subformat: 'fixed', blockSize } as const;
    const file = await written(disk, [
      ['write', 0, 512],
      ['zero', MIB, MIB],
      ['write', size - 512, 512],
    ]);
    const image = await opened(file);
    assert.equal(image.subformat, 'fixed');
    const blocks = Math.ceil(size / blockSize);
    assert.deepEqual(await states(image), Array(blocks).fill('FULLY_PRESENT'));
    // Head, log, metadata and BAT take 4 MiB; then all blocks.
    assert.equal(file.length, 4 * MIB + blocks * blockSize);
    const [only] = await image.extentsOf({ start: 0, end: size }, never);
    assert.deepEqual(only, { start: 0, end: size, kind: 'data', offset: 4 * MIB });
    assert.equal(file[4 * MIB], 1);
    assert.equal(file[4 * MIB + size - 512], 1 + ((size - 512) % 251));
    const qemu = peer(t, 'qemu-img');
    if (qemu === undefined) return;
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'fixed.vhdx'), file);
    await writeFile(join(folder, 'flat.raw'), file.subarray(4 * MIB, 4 * MIB + size));
    for (const words of [
      ['check', '-f', 'vhdx', 'fixed.vhdx'],
      ['compare', '-f', 'vhdx', '-F', 'raw', 'fixed.vhdx', 'flat.raw'],
    ]) {
      const answer: SpawnSyncReturns<Buffer> = spawnSync(qemu, words, { cwd: folder });
      assert.equal(answer.status, 0, `${words.join(' ')}: ${answer.stderr.toString()}`);
    }
  });
}

test('zeroed blocks of a dynamic image are ZERO, also the incomplete last one; others are absent', async () => {
  const size = 5 * MIB + 512;
  const image = await opened(
    await written({ size, subformat: 'dynamic', blockSize: MIB }, [
      ['write', 0, 512],
      ['zero', 512, 2 * MIB],
      ['zero', 3 * MIB, 512],
      ['zero', 5 * MIB, 512],
    ]),
  );
  assert.deepEqual(await states(image), [
    'FULLY_PRESENT',
    'ZERO',
    'NOT_PRESENT',
    'NOT_PRESENT',
    'NOT_PRESENT',
    'ZERO',
  ]);
});

test('ZERO blocks are marked on both sides of a chunk border and of a piece of the BAT', async () => {
  // Chunks of 4096 blocks; a piece of the BAT has 131072 entries.
  const size = 140_000 * MIB;
  const image = await opened(
    await written({ size, subformat: 'dynamic', blockSize: MIB }, [
      ['zero', 4094 * MIB, 4 * MIB],
      ['zero', 131_000 * MIB, 200 * MIB],
    ]),
  );
  const zero: number[] = [];
  (await states(image)).forEach((state, i) => state === 'ZERO' && zero.push(i));
  const wanted = [4094, 4095, 4096, 4097, ...Array.from({ length: 200 }, (_, i) => 131_000 + i)];
  assert.deepEqual(zero, wanted);
});

test('items of other programs are kept, also if they do not fit the usual metadata region', async () => {
  const items = [1, 2, 3].map((n) => ({
    id: newGuid(),
    isUser: n < 3,
    isVirtualDisk: n !== 2,
    bytes: new Uint8Array(n === 1 ? 40 : 900_000).fill(n),
  }));
  const disk = { size: 4 * MIB, subformat: 'dynamic', blockSize: MIB, userItems: items } as const;
  const file = await written(disk, [['write', MIB, 512]]);
  const image = await opened(file);
  assert.deepEqual(await image.userItems(never), items);
  const [, data] = await image.extentsOf({ start: 0, end: 2 * MIB }, never);
  assert.equal(file[data?.offset ?? 0], 1 + (MIB % 251));
});

test('a VHDX refuses what it cannot store, with one code for all formats', async () => {
  const shapes: NewDisk[] = [
    { size: 4 * MIB + 1, subformat: 'dynamic' },
    { size: 4 * MIB, subformat: 'dynamic', blockSize: 3 * MIB },
    { size: 4 * MIB, subformat: 'dynamic', logicalSectorSize: 1024 },
    { size: 4 * MIB, subformat: 'dynamic', diskId: 'no GUID' },
    { size: 4 * MIB, subformat: 'differencing' },
    { size: 65 * 2 ** 40, subformat: 'fixed' },
  ];
  for (const disk of shapes) {
    assert.throws(() => writeVhdx(new MemoryPart(), disk), { code: 'disk.write.argument' });
  }
});
