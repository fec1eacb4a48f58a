import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import type { NewDisk } from '../../../../../src/engine/disk/image/image-writer.ts';
import { VhdImage } from '../../../../../src/engine/disk/vhd/read/vhd-image.ts';
import { readParts } from '../../../../../src/engine/disk/vhd/read/vhd-parts.ts';
import { VhdWriter } from '../../../../../src/engine/disk/vhd/write/vhd-writer.ts';
import { readLayers } from '../../../../support/disk/layered-vhd.ts';
import { generator } from '../../../../support/files/crash-recorder.ts';
import { MemoryPart } from '../../../../support/files/memory-part.ts';
import { MemoryStorage } from '../../../../support/files/memory-source.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { ALL_CASES } from '../../../../support/process/all-cases.ts';
import { peer } from '../../../../support/process/peers.ts';

const KIB = 1024;
const MIB = 2 ** 20;

function run(program: string, args: readonly string[], folder: string): Buffer {
  const answer = spawnSync(program, args, { cwd: folder, maxBuffer: 2 ** 30 });
  assert.equal(answer.status, 0, `${program} ${args.join(' ')}: ${answer.stderr.toString()}`);
  return answer.stdout;
}

/** Writes runs of random bytes and of zeros, and leaves gaps; `contents` follows. */
async function written(disk: NewDisk, contents: Uint8Array, seed: number): Promise<Uint8Array> {
  const part = new MemoryPart();
  const writer = new VhdWriter(part, disk);
  const random = generator(seed);
  for (let at = 0; at < disk.size;) {
    const length = Math.min(512 * (1 + Math.floor(random() * 1500)), disk.size - at);
    const dice = random();
    if (dice < 0.4) {
      const bytes = new Uint8Array(length).map(() => random() * 256);
      contents.set(bytes, at);
      await writer.write(at, bytes, never);
    } else if (dice < 0.6) {
      contents.fill(0, at, at + length);
      writer.zero(at, length);
    }
    at += length;
  }
  const { fileSize } = await writer.complete(never);
  assert.equal(part.result.length, fileSize);
  return part.result;
}

async function readBack(files: readonly Uint8Array[]): Promise<Uint8Array> {
  const open = async (bytes: Uint8Array): Promise<VhdImage> =>
    VhdImage.open(new MemoryStorage(bytes), {}, never);
  const layers = await Promise.all(files.map(open));
  const into = new Uint8Array(layers[0]?.size ?? 0);
  await readLayers(layers, 0, into);
  return into;
}

const SIZES = [
  512,
  17 * 512,
  512 * KIB - 512,
  512 * KIB + 512,
  2 * MIB,
  2 * MIB + 512,
  5 * MIB + 3 * 512,
];

test('qemu-img reads what was written, with its size, fixed and dynamic', async (t) => {
  const qemu = peer(t, 'qemu-img');
  if (qemu === undefined) return;
  const folder = await temporaryFolder(t);
  for (const [i, size] of SIZES.entries()) {
    for (const disk of [
      { size, subformat: 'fixed' },
      { size, subformat: 'dynamic' },
      { size, subformat: 'dynamic', blockSize: 512 * KIB },
    ] as const) {
      const contents = new Uint8Array(size);
      const file = await written(disk, contents, i + 1);
      const { defects } = await readParts(new MemoryStorage(file), never);
      assert.deepEqual(defects, []);
      assert.deepEqual(await readBack([file]), contents);
      await writeFile(join(folder, 'a.vhd'), file);
      run(qemu, ['convert', '-f', 'vpc', '-O', 'raw', 'a.vhd', 'a.raw'], folder);
      const read = await readFile(join(folder, 'a.raw'));
      assert.equal(Buffer.compare(read, contents), 0, JSON.stringify(disk));
    }
  }
});

test('images of qemu-img read as it reads them, whatever their creator', async (t) => {
  const qemu = peer(t, 'qemu-img');
  if (qemu === undefined) return;
  const folder = await temporaryFolder(t);
  for (const [i, size] of SIZES.entries()) {
    const random = generator(i + 50);
    const contents = new Uint8Array(size);
    for (let at = 0; at < size; at += 3 * 64 * KIB) {
      contents.set(
        new Uint8Array(Math.min(64 * KIB, size - at)).map(() => random() * 256),
        at,
      );
    }
    await writeFile(join(folder, 'a.raw'), contents);
    for (const [j, subformat] of ['fixed', 'dynamic'].entries()) {
      for (const [k, force] of ['on', 'off'].entries()) {
        // Half of the cases have each pair of values.
        if (!ALL_CASES && (i + j + k) % 2 === 1) continue;
        const options = `subformat=${subformat},force_size=${force}`;
        run(qemu, ['convert', '-f', 'raw', '-O', 'vpc', '-o', options, 'a.raw', 'b.vhd'], folder);
        const read = await readBack([await readFile(join(folder, 'b.vhd'))]);
        run(qemu, ['convert', '-f', 'vpc', '-O', 'raw', 'b.vhd', 'b.raw'], folder);
        const expected = await readFile(join(folder, 'b.raw'));
        assert.equal(Buffer.compare(read, expected), 0, `${size} ${options}`);
      }
    }
  }
});

test('7-Zip reads a differencing image over its parent as it was written', async (t) => {
  const zip = peer(t, '7zz');
  if (zip === undefined) return;
  const folder = await temporaryFolder(t);
  for (const [i, size] of [512 * KIB + 512, 5 * MIB + 3 * 512].entries()) {
    const contents = new Uint8Array(size);
    const parent = await written({ size, subformat: 'dynamic' }, contents, 70 + i);
    const { identity } = await VhdImage.open(new MemoryStorage(parent), {}, never);
    const link = { identity, size, relativePath: 'parent.vhd', absolutePath: 'C:\\x\\parent.vhd' };
    const child = await written(
      { size, subformat: 'differencing', parent: link },
      contents,
      90 + i,
    );
    assert.deepEqual(await readBack([child, parent]), contents);
    await writeFile(join(folder, 'parent.vhd'), parent);
    await writeFile(join(folder, 'child.vhd'), child);
    const read = run(zip, ['x', '-so', '-tvhd', 'child.vhd'], folder);
    assert.equal(Buffer.compare(read, contents), 0, String(size));
  }
});

test('a size is rounded up to the unit that is asked for', async () => {
  const part = new MemoryPart();
  const writer = new VhdWriter(part, {
    size: MIB + 512,
    subformat: 'fixed',
    sizeUnit: MIB,
    physicalSectorSize: 4096,
  });
  await writer.complete(never);
  assert.equal(part.result.length, 2 * MIB + 512);
  const image = await VhdImage.open(new MemoryStorage(part.result), {}, never);
  assert.equal(image.size, 2 * MIB);
});

test('a disk that a VHD cannot hold is refused', () => {
  const refused: readonly NewDisk[] = [
    { size: 0, subformat: 'fixed' },
    { size: 100, subformat: 'dynamic' },
    { size: 0xff00_0001 * 512, subformat: 'dynamic' },
    { size: MIB, subformat: 'dynamic', blockSize: MIB },
    { size: MIB, subformat: 'dynamic', logicalSectorSize: 4096 },
    { size: MIB, subformat: 'differencing' },
  ];
  for (const disk of refused) {
    assert.throws(() => new VhdWriter(new MemoryPart(), disk), { code: 'disk.write.argument' });
  }
  // 2040 GiB is the limit itself.
  const largest = { size: 0xff00_0000 * 512, subformat: 'dynamic' } as const;
  assert.ok(new VhdWriter(new MemoryPart(), largest));
});
