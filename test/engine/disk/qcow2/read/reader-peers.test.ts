import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  openBytes,
  openImage,
  randomRuns,
  readOver,
  run,
} from '../../../../support/disk/qcow2-images.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { peer } from '../../../../support/process/peers.ts';

const MIB = 2 ** 20;

function content(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const disk = new Uint8Array(size);
  for (const { start, bytes } of randomRuns(size, seed))
    if (bytes !== undefined) disk.set(bytes, start);
  return disk;
}

/** Ways in which qemu-img stores a disk; `from` is the least cluster size that it takes. */
const WAYS: readonly {
  readonly args: readonly string[];
  readonly from?: number;
  readonly often?: boolean;
}[] = [
  { args: [], often: true },
  { args: ['-o', 'compat=0.10'] },
  { args: ['-c'], often: true },
  { args: ['-c', '-o', 'compat=0.10'] },
  { args: ['-c', '-o', 'compression_type=zstd'] },
  { args: ['-o', 'extended_l2=on'], from: 14, often: true },
  { args: ['-c', '-o', 'extended_l2=on'], from: 14 },
  { args: ['-S', '0'] },
  { args: ['-o', 'preallocation=metadata'] },
  { args: ['-o', 'preallocation=full', '-o', 'lazy_refcounts=on'] },
  { args: ['-o', 'refcount_bits=1'] },
  { args: ['-o', 'refcount_bits=64'] },
];

/** Cluster sizes that are tried in every way. */
const MOST_SIZES = [9, 14, 16, 21];

for (let bits = 9; bits <= 21; bits++) {
  test(`images of qemu-img with clusters of ${2 ** bits} bytes read as they must`, async (t) => {
    const qemu = peer(t, 'qemu-img');
    if (qemu === undefined) return;
    const folder = await temporaryFolder(t);
    const size = MIB + 512 * (bits * 2 + 1);
    const disk = content(size, bits);
    await writeFile(join(folder, 'a.raw'), disk);
    for (const { args, from = 9, often = false } of WAYS) {
      if (bits < from || (!often && !MOST_SIZES.includes(bits))) continue;
      const how = [...args, '-o', `cluster_size=${2 ** bits}`];
      run(
        qemu,
        ['convert', '-t', 'unsafe', '-f', 'raw', '-O', 'qcow2', ...how, 'a.raw', 'a.qcow2'],
        folder,
      );
      const image = await openImage(join(folder, 'a.qcow2'));
      assert.equal(image.blockSize, 2 ** bits);
      assert.ok(Buffer.compare(await readOver(image), disk) === 0, how.join(' '));
    }
  });
}

test('writes, zeros and discards of qemu-io over a backing file leave the right parts to it', async (t) => {
  const qemu = peer(t, 'qemu-img');
  const io = peer(t, 'qemu-io');
  if (qemu === undefined || io === undefined) return;
  const folder = await temporaryFolder(t);
  const size = 6 * MIB + 512;
  const base = content(size - MIB, 5);
  await writeFile(join(folder, 'base.raw'), base);
  for (const options of [
    'cluster_size=65536',
    'cluster_size=16384,extended_l2=on',
    'compat=0.10',
  ]) {
    const made = ['-o', options, '-F', 'raw', '-b', 'base.raw', 'child.qcow2', String(size)];
    run(qemu, ['create', '-f', 'qcow2', ...made], folder);
    const commands: string[] = [];
    for (const { start, length, bytes } of randomRuns(size, 9)) {
      const kind = bytes === undefined ? (start % 1024 === 0 ? '-z' : 'discard') : '-P 7';
      const command = kind === 'discard' ? 'discard' : `write ${kind}`;
      commands.push('-c', `${command} ${start} ${length}`);
    }
    run(io, ['-t', 'unsafe', '-f', 'qcow2', ...commands, 'child.qcow2'], folder);
    run(
      qemu,
      ['convert', '-t', 'unsafe', '-f', 'qcow2', '-O', 'raw', 'child.qcow2', 'flat.raw'],
      folder,
    );
    const image = await openImage(join(folder, 'child.qcow2'));
    assert.equal(image.parent?.relativePath, 'base.raw');
    assert.equal(image.parent.format, 'raw');
    await writeFile(join(folder, 'ours.raw'), Buffer.from(await readOver(image, base)));
    run(qemu, ['compare', '-f', 'raw', '-F', 'raw', 'ours.raw', 'flat.raw'], folder);
  }
});

test('snapshots and bitmaps inside an image do not change what is read', async (t) => {
  const qemu = peer(t, 'qemu-img');
  const io = peer(t, 'qemu-io');
  if (qemu === undefined || io === undefined) return;
  const folder = await temporaryFolder(t);
  run(qemu, ['create', '-f', 'qcow2', 'a.qcow2', '3M'], folder);
  run(io, ['-t', 'unsafe', '-f', 'qcow2', '-c', 'write -P 1 0 1M', 'a.qcow2'], folder);
  run(qemu, ['snapshot', '-c', 'before', 'a.qcow2'], folder);
  run(qemu, ['bitmap', '--add', 'a.qcow2', 'changed'], folder);
  run(io, ['-t', 'unsafe', '-f', 'qcow2', '-c', 'write -P 2 64k 100k', 'a.qcow2'], folder);
  const disk = new Uint8Array(3 * MIB).fill(1, 0, MIB).fill(2, 65_536, 65_536 + 102_400);
  const file = join(folder, 'a.qcow2');
  assert.ok(Buffer.compare(await readOver(await openImage(file)), disk) === 0);
  // A bitmap that was not saved, and one that a program has made outdated.
  run(qemu, ['bitmap', '--add', '--disable', '-g', '512', 'a.qcow2', 'other'], folder);
  const bytes = await readFile(file);
  const directory = Number(bytes.readBigUInt64BE(bytes.indexOf('23852875', 'hex') + 24));
  bytes.writeUInt32BE(1, directory + 12);
  assert.ok(Buffer.compare(await readOver(await openBytes(bytes)), disk) === 0);
  bytes.writeBigUInt64BE(1n << 63n, 88);
  assert.ok(Buffer.compare(await readOver(await openBytes(bytes)), disk) === 0);
});
