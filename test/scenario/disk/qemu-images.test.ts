import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import type { MapEntry } from '../../../src/engine/disk/tools/disk-map.ts';
import { openDisk } from '../../../src/engine/disk/chain/open-disk.ts';
import type { VirtualDisk } from '../../../src/engine/disk/virtual/virtual-disk.ts';
import { isZero } from '../../../src/engine/disk/virtual/zero-scan.ts';
import { generator } from '../../support/files/crash-recorder.ts';
import { expectedMap, readBat } from '../../support/disk/independent-bat.ts';
import { ALL_CASES } from '../../support/process/all-cases.ts';
import { peer } from '../../support/process/peers.ts';
import { temporaryFolder } from '../../support/files/temporary-folder.ts';
import { infoOf, mapOf } from '../../support/disk/look-at-image.ts';

const MIB = 2 ** 20;

function run(program: string, args: readonly string[]): void {
  const answer = spawnSync(program, args);
  assert.equal(answer.status, 0, `${program} ${args.join(' ')}: ${answer.stderr.toString()}`);
}

/** A sparse raw file with areas of random bytes at both ends of the disk, and of blocks. */
async function makeRaw(path: string, size: number, blockSize: number): Promise<void> {
  const random = generator(blockSize / MIB);
  const file = await open(path, 'w');
  try {
    await file.truncate(size);
    const places = [0, blockSize - 70_000, 3 * MIB + 512, size - 5 * 512, 5 * MIB];
    for (const place of places) {
      const start = Math.floor(place / 512) * 512;
      const length = Math.min(512 * (5 + Math.floor(random() * 200)), size - start);
      const bytes = new Uint8Array(length).map(() => 1 + random() * 255);
      await file.write(bytes, 0, length, start);
    }
  } finally {
    await file.close();
  }
}

/** Compares a disk with the raw file that it was made of, byte by byte. */
async function assertSameBytes(disk: VirtualDisk, raw: FileHandle): Promise<void> {
  const [ours, theirs] = [Buffer.alloc(4 * MIB), Buffer.alloc(4 * MIB)];
  assert.equal(disk.size, (await raw.stat()).size);
  for (let at = 0; at < disk.size; at += ours.length) {
    const length = Math.min(ours.length, disk.size - at);
    await disk.read(at, ours.subarray(0, length), never);
    const { bytesRead } = await raw.read(theirs, 0, length, at);
    assert.equal(bytesRead, length);
    const same = ours.subarray(0, length).equals(theirs.subarray(0, length));
    assert.ok(same, `the disk differs from the raw file between ${at} and ${at + length}`);
  }
}

/** What the map does not call data must be zero in the raw file. */
async function checkZeros(raw: FileHandle, map: readonly MapEntry[]): Promise<number> {
  const buffer = Buffer.alloc(MIB);
  let checked = 0;
  for (const { start, length, data } of map) {
    if (data) continue;
    for (let at = start; at < start + length; at += MIB) {
      const wanted = Math.min(MIB, start + length - at);
      const { bytesRead } = await raw.read(buffer, 0, wanted, at);
      assert.equal(bytesRead, wanted);
      assert.ok(isZero(buffer.subarray(0, wanted)), `the map calls ${at} zero`);
      checked += wanted;
    }
  }
  return checked;
}

for (let blockSize = MIB; blockSize <= 256 * MIB; blockSize *= 2) {
  for (const subformat of ['dynamic', 'fixed'] as const) {
    // A fixed image of large blocks is the same file but for its table.
    const repeats = subformat === 'fixed' && blockSize > 32 * MIB && blockSize < 256 * MIB;
    if (repeats && !ALL_CASES) continue;
    test(`a ${subformat} image of qemu-img with blocks of ${blockSize / MIB} MiB reads and maps as it must`, async (t) => {
      const qemu = peer(t, 'qemu-img');
      if (qemu === undefined) return;
      const folder = await temporaryFolder(t);
      const [raw, image] = [join(folder, 'disk.raw'), join(folder, 'disk.vhdx')];
      // Neither a whole number of blocks nor of mebibytes.
      const size = Math.max(8 * MIB, blockSize * 3.5) + 7 * 512;
      await makeRaw(raw, size, blockSize);
      const options = `subformat=${subformat},block_size=${blockSize}`;
      run(qemu, ['convert', '-f', 'raw', '-O', 'vhdx', '-o', options, raw, image]);

      const opened = await openDisk(image, {}, never);
      try {
        assert.equal(opened.disk.size, size);
        const file = await open(raw, 'r');
        await assertSameBytes(opened.disk, file);

        const facts = readBat(image);
        const map = (await mapOf(image)).flatMap((entry) => ('lost' in entry ? [] : [entry]));
        assert.deepEqual(
          map.map((entry) => [entry.start, entry.length, entry.offset]),
          expectedMap(facts),
        );
        assert.ok(map.every((e) => e.data !== e.zero && e.depth === 0));
        assert.ok(map.every((e) => e.data === (e.filename === image)));
        const zeros = await checkZeros(file, map);
        await file.close();
        assert.ok(zeros >= blockSize || subformat === 'fixed', `${zeros} zero bytes`);

        const info = await infoOf(image);
        assert.deepEqual([info.subformat, info.blockSize], [subformat, blockSize]);
        const present = facts.blocks.filter((block) => block.state === 6).length;
        assert.equal(info.blocks?.present, present);
        assert.equal(info.allocatedBytes, present * blockSize);
      } finally {
        await opened.disk.close();
        await rm(folder, { recursive: true });
      }
    });
  }
}
