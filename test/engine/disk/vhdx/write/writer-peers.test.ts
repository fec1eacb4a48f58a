import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import type { NewImage } from '../../../../../src/engine/disk/vhdx/structures/image/image-head.ts';
import { createVhdx } from '../../../../../src/engine/disk/vhdx/write/create-vhdx.ts';
import { MIB } from '../../../../../src/engine/disk/vhdx/structures/layout.ts';
import { VhdxEditor } from '../../../../../src/engine/disk/vhdx/edit/vhdx-editor.ts';
import { VhdxWriter } from '../../../../../src/engine/disk/vhdx/write/vhdx-writer.ts';
import { MemoryStorage } from '../../../../support/files/memory-source.ts';
import { generator } from '../../../../support/files/crash-recorder.ts';
import { peer } from '../../../../support/process/peers.ts';
import { MemoryPart } from '../../../../support/files/memory-part.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';

const SIZE = 9 * MIB + 512 * 3;

function run(program: string, args: readonly string[], folder: string): Buffer {
  const answer = spawnSync(program, args, { cwd: folder, maxBuffer: 512 * MIB });
  assert.equal(answer.status, 0, `${program} ${args.join(' ')}: ${answer.stderr.toString()}`);
  return answer.stdout;
}

/** Random runs of random bytes, and zeros, over `disk`, which follows. Every piece once. */
async function writeRandom(writer: VhdxWriter, disk: Uint8Array, seed: number): Promise<void> {
  const random = generator(seed);
  for (let at = 0; at < disk.length;) {
    const length = Math.min(512 * (1 + Math.floor(random() * 3000)), disk.length - at);
    const dice = random();
    if (dice < 0.4) {
      const bytes = new Uint8Array(length).map(() => random() * 256);
      disk.set(bytes, at);
      await writer.write(at, bytes, never);
    } else if (dice < 0.6) {
      disk.fill(0, at, at + length);
      writer.zero(at, length);
    }
    at += length;
  }
}

async function written(
  image: NewImage,
  disk: Uint8Array,
  seed: number,
): Promise<[Uint8Array, VhdxWriter]> {
  const part = new MemoryPart();
  const writer = new VhdxWriter(part, image);
  await writeRandom(writer, disk, seed);
  await writer.complete(never);
  return [part.result, writer];
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('qemu-img finds no fault in dynamic images and reads what was written', async (t) => {
  const qemu = peer(t, 'qemu-img');
  if (qemu === undefined) return;
  const folder = await temporaryFolder(t);
  for (const blockSize of [1, 2, 8, 64].map((n) => n * MIB)) {
    const disk = new Uint8Array(SIZE);
    const [file] = await written({ size: SIZE, blockSize }, disk, blockSize / MIB);
    await writeFile(join(folder, 'a.vhdx'), file);
    run(qemu, ['check', '-f', 'vhdx', 'a.vhdx'], folder);
    run(qemu, ['convert', '-f', 'vhdx', '-O', 'raw', 'a.vhdx', 'a.raw'], folder);
    await writeFile(join(folder, 'b.raw'), disk);
    run(qemu, ['compare', '-f', 'raw', '-F', 'raw', 'a.raw', 'b.raw'], folder);
  }
});

test('qemu-img reads what the editor left, with a clean log and with a dirty one', async (t) => {
  const qemu = peer(t, 'qemu-img');
  if (qemu === undefined) return;
  const folder = await temporaryFolder(t);
  const disk = new Uint8Array(SIZE);
  const storage = new MemoryStorage();
  await createVhdx(storage, { size: SIZE, blockSize: MIB }, never);
  const editor = await VhdxEditor.open(storage, never);
  const random = generator(3);
  for (let i = 0; i < 40; i++) {
    const at = Math.floor((random() * SIZE) / 512) * 512;
    const bytes = new Uint8Array(Math.min(512 * (1 + (i % 9)), SIZE - at)).fill(i + 1);
    disk.set(bytes, at);
    await editor.write(at, bytes, never);
    if (i % 8 === 0) await editor.flush(never);
  }
  await editor.flush(never);
  await writeFile(join(folder, 'dirty.vhdx'), storage.contents());
  await editor.close();
  await writeFile(join(folder, 'clean.vhdx'), storage.contents());
  await writeFile(join(folder, 'b.raw'), disk);
  run(qemu, ['check', '-f', 'vhdx', 'clean.vhdx'], folder);
  run(qemu, ['compare', '-f', 'vhdx', '-F', 'raw', 'clean.vhdx', 'b.raw'], folder);
  run(qemu, ['check', '-r', 'all', '-f', 'vhdx', 'dirty.vhdx'], folder);
  run(qemu, ['compare', '-f', 'vhdx', '-F', 'raw', 'dirty.vhdx', 'b.raw'], folder);
});

test('7zz reads a differencing image over its parent, of 512 and 4096 byte sectors', async (t) => {
  const seven = peer(t, '7zz');
  if (seven === undefined) return;
  const folder = await temporaryFolder(t);
  for (const sector of [512, 4096] as const) {
    // 7zz opens no disk whose size is not a multiple of eight sectors, whoever made it.
    const size = 9 * MIB + sector * 8;
    const disk = new Uint8Array(size).fill(0x5a);
    const shape: NewImage = { size, logicalSectorSize: sector };
    const base = new MemoryPart();
    const baseWriter = new VhdxWriter(base, shape);
    await baseWriter.write(0, disk, never);
    await baseWriter.complete(never);
    await writeFile(join(folder, 'base.vhdx'), base.result);
    const link = { linkage: baseWriter.dataWriteGuid, relativePath: '.\\base.vhdx' };
    const child = new MemoryPart();
    const writer = new VhdxWriter(child, {
      ...shape,
      parent: link,
      diskId: baseWriter.metadata.diskId,
    });
    await writer.write(
      sector * 3,
      disk.fill(1, sector * 3, sector * 8).subarray(sector * 3, sector * 8),
      never,
    );
    await writer.write(2 * MIB, disk.fill(2, 2 * MIB, 4 * MIB).subarray(2 * MIB, 4 * MIB), never);
    disk.fill(0, 4 * MIB, 7 * MIB);
    writer.zero(4 * MIB, 3 * MIB);
    await writer.complete(never);
    await writeFile(join(folder, 'child.avhdx'), child.result);
    const raw = run(seven, ['x', '-so', '-tvhdx', 'child.avhdx'], folder);
    assert.equal(hash(raw), hash(disk), `sectors of ${sector}`);
  }
});

test('libvhdi knows a differencing image and its parent', async (t) => {
  const vhdiinfo = peer(t, 'vhdiinfo');
  if (vhdiinfo === undefined) return;
  const folder = await temporaryFolder(t);
  const disk = new Uint8Array(SIZE);
  const [base, baseWriter] = await written({ size: SIZE }, disk, 1);
  await writeFile(join(folder, 'base.vhdx'), base);
  const parent = { linkage: baseWriter.dataWriteGuid, relativePath: '.\\base.vhdx' };
  const [child, writer] = await written({ size: SIZE, parent }, disk, 2);
  await writeFile(join(folder, 'child.avhdx'), child);
  const text = run(vhdiinfo, ['child.avhdx'], folder).toString();
  assert.match(text, /Differential/i);
  assert.match(text, new RegExp(`Identifier\\s*: ${writer.dataWriteGuid}`, 'i'));
  assert.match(text, new RegExp(`Parent identifier\\s*: ${parent.linkage}`, 'i'));
});
