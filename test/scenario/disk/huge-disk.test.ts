import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { openDisk } from '../../../src/engine/disk/chain/open-disk.ts';
import { createVhdx } from '../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { MIB } from '../../../src/engine/disk/vhdx/structures/layout.ts';
import { TIB } from '../../support/disk/sizes.ts';
import { FileStorage } from '../../../src/engine/source/files/file-storage.ts';
import { peer } from '../../support/process/peers.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { infoOf, mapOf } from '../../support/disk/look-at-image.ts';

/** Far above what streaming needs, far below the 513 MiB of the table. */
const MEMORY = 100 * MIB;

const qemuPlace = { batAt: 2 * MIB };
const ownPlace = { batAt: 3 * MIB };

/** Gives the last block of the disk, and one in the middle, a place at the end of the file. */
async function addBlocks(path: string, batAt: number, blockSize: number): Promise<number> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const end = Math.ceil(size / MIB) * MIB;
    const count = (64 * TIB) / blockSize;
    const ratio = (2 ** 23 * 512) / blockSize;
    for (const [i, block] of [count / 2, count - 1].entries()) {
      const entry = Buffer.alloc(8);
      entry.writeBigUInt64LE(BigInt(end + i * blockSize) | 6n);
      await file.write(entry, 0, 8, batAt + (block + Math.floor(block / ratio)) * 8);
    }
    await file.truncate(end + 2 * blockSize);
    await file.write(Uint8Array.of(42), 0, 1, end + 2 * blockSize - 1);
    return end;
  } finally {
    await file.close();
  }
}

for (const [maker, blockSize] of [
  ['qemu-img', MIB],
  ['qemu-img', 32 * MIB],
  ['the engine', MIB],
] as const) {
  test(`a disk of 64 TiB with blocks of ${blockSize / MIB} MiB, made by ${maker}, opens and maps in little memory`, async (t) => {
    const path = join(await temporaryFolder(t), 'huge.vhdx');
    if (maker === 'qemu-img') {
      const qemu = peer(t, 'qemu-img');
      if (qemu === undefined) return;
      const options = `subformat=dynamic,block_size=${blockSize}`;
      const made = spawnSync(qemu, ['create', '-f', 'vhdx', '-o', options, path, '64T']);
      assert.equal(made.status, 0, made.stderr.toString());
    } else {
      const storage = await FileStorage.open(path, { create: true }, never);
      await createVhdx(storage, { size: 64 * TIB, blockSize }, never);
      await storage.close();
    }
    const { batAt } = maker === 'qemu-img' ? qemuPlace : ownPlace;
    const end = await addBlocks(path, batAt, blockSize);

    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
    const opened = await openDisk(path, {}, never);
    try {
      const map = await mapOf(path);
      const info = await infoOf(path);
      assert.equal(info.virtualSize, 64 * TIB);
      assert.equal(info.blocks?.present, 2);
      assert.deepEqual(
        map.map(({ start, length, offset }) => [start, length, offset]),
        [
          [0, 32 * TIB, undefined],
          [32 * TIB, blockSize, end],
          [32 * TIB + blockSize, 32 * TIB - 2 * blockSize, undefined],
          [64 * TIB - blockSize, blockSize, end + blockSize],
        ],
      );
      const last = new Uint8Array(2);
      await opened.disk.read(64 * TIB - 2, last, never);
      assert.deepEqual([...last], [0, 42]);
      await assert.rejects(opened.disk.read(64 * TIB - 1, last, never), { code: 'disk.range' });
    } finally {
      clearInterval(watch);
      await opened.disk.close();
    }
    peak = Math.max(peak, process.memoryUsage().rss);
    assert.ok(peak - before < MEMORY, `${Math.round((peak - before) / MIB)} MiB more`);
  });
}
