import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { never } from '../../../src/engine/base/abort.ts';
import type { NewDisk } from '../../../src/engine/disk/image/image-writer.ts';
import type { DiskImage } from '../../../src/engine/disk/image/image.ts';
import { Qcow2Image } from '../../../src/engine/disk/qcow2/read/qcow2-image.ts';
import { Qcow2Writer } from '../../../src/engine/disk/qcow2/write/qcow2-writer.ts';
import { HeldSource } from '../../../src/engine/source/held-source.ts';
import { generator } from '../files/crash-recorder.ts';
import { MemoryPart } from '../files/memory-part.ts';

/** Runs a program in a folder; a status other than 0 fails the test. */
export function run(program: string, args: readonly string[], folder: string): string {
  const answer = spawnSync(program, args, { cwd: folder, maxBuffer: 2 ** 29 });
  assert.equal(answer.status, 0, `${program} ${args.join(' ')}: ${answer.stderr.toString()}`);
  return answer.stdout.toString();
}

/** Reads the whole disk of an image over the bytes that its parent has; what it hides is replaced. */
export async function readOver(image: DiskImage, parent = new Uint8Array()): Promise<Uint8Array> {
  const disk = new Uint8Array(image.size);
  disk.set(parent.subarray(0, image.size));
  let at = 0;
  for await (const batch of image.extentsIn([{ start: 0, end: image.size }], never)) {
    for (const { start, end, kind, offset } of batch) {
      assert.equal(start, at, 'extents have a gap');
      at = end;
      const part = disk.subarray(start, end);
      if (kind === 'zero') part.fill(0);
      else if (kind === 'data') await image.readData(start, offset, part, never);
    }
  }
  assert.equal(at, image.size, 'extents end early');
  return disk;
}

export const openBytes = (bytes: Uint8Array, name = 'disk.qcow2'): Promise<Qcow2Image> =>
  Qcow2Image.open(new HeldSource(bytes, name), {}, never);

export const openImage = async (path: string): Promise<Qcow2Image> =>
  openBytes(await readFile(path), path);

/**
 * Random runs of data, zeros and nothing over a disk, each sector once, in any order. Data is
 * compressible in part, and never zero.
 */
export function randomRuns(
  size: number,
  seed: number,
): { start: number; length: number; bytes: Uint8Array | undefined }[] {
  const random = generator(seed);
  const runs: { start: number; length: number; bytes: Uint8Array | undefined }[] = [];
  for (let at = 0; at < size;) {
    const most = random() < 0.5 ? 40 : 1500;
    const length = Math.min(512 * (1 + Math.floor(random() * most)), size - at);
    const dice = random();
    if (dice < 0.45) {
      const bytes = dice < 0.2 ? noise(length, random) : stripes(length, random);
      runs.push({ start: at, length, bytes });
    } else if (dice < 0.65) runs.push({ start: at, length, bytes: undefined });
    at += length;
  }
  return runs.sort(() => random() - 0.5);
}

const NOISE = 2 ** 16;
let noiseBytes: Uint8Array | undefined;

/** Bytes that no compression makes shorter. */
function noise(length: number, random: () => number): Uint8Array {
  noiseBytes ??= new Uint8Array(NOISE).map(() => 1 + random() * 255);
  const bytes = new Uint8Array(length);
  let from = Math.floor(random() * NOISE);
  for (let at = 0; at < length; from = 0) {
    const part = noiseBytes.subarray(from, from + length - at);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Sectors of one value each. */
function stripes(length: number, random: () => number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 512) bytes.fill(1 + random() * 255, at, at + 512);
  return bytes;
}

/** Writes runs to an image of the writer and returns the file; `disk` follows. */
export async function written(image: NewDisk, disk: Uint8Array, seed: number): Promise<Uint8Array> {
  const part = new MemoryPart();
  const writer = new Qcow2Writer(part, image);
  const writes: Promise<void>[] = [];
  for (const { start, length, bytes } of randomRuns(disk.length, seed)) {
    if (bytes === undefined) {
      disk.fill(0, start, start + length);
      writer.zero(start, length);
    } else {
      disk.set(bytes, start);
      writes.push(writer.write(start, bytes, never));
    }
  }
  await Promise.all(writes);
  const { fileSize } = await writer.complete(never);
  assert.equal(fileSize, part.result.length);
  return part.result;
}
