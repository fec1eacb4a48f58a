import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { newGuid } from '../../../src/engine/base/guid.ts';
import { encodeFooter } from '../../../src/engine/disk/vhd/structures/footer.ts';
import { geometryOf } from '../../../src/engine/disk/vhd/structures/geometry.ts';
import { afterwards } from '../../support/checks/afterwards.ts';
import { runCli } from '../../support/process/cli-io.ts';

const MIB = 2 ** 20;

/** A raw image of 3 MiB whose second megabyte is data. */
function rawImage(t: TestContext): { dir: string; file: string; bytes: Buffer } {
  const dir = mkdtempSync(join(tmpdir(), 'refpoint-cli-'));
  afterwards(t, () => rmSync(dir, { recursive: true, force: true }));
  const bytes = Buffer.concat([Buffer.alloc(MIB), randomBytes(MIB), Buffer.alloc(MIB)]);
  const file = join(dir, 'disk.raw');
  writeFileSync(file, bytes);
  return { dir, file, bytes };
}

test('disk info tells what a raw image is', async (t) => {
  const { file } = rawImage(t);
  const { out, status } = await runCli(['disk', 'info', file, '--json']);
  assert.equal(status, 0);
  const info = JSON.parse(out) as Record<string, unknown>;
  assert.equal(info['format'], 'raw');
  assert.equal(info['virtualSize'], 3 * MIB);
  assert.deepEqual(info['chain'], [file]);
  const human = await runCli(['disk', 'info', file]);
  assert.match(human.out, /virtual size +3 MiB \(3145728 bytes\)/);
});

test('disk hash is the SHA-256 of the file', async (t) => {
  const { file, bytes } = rawImage(t);
  const hash = createHash('sha256').update(bytes).digest('hex');
  assert.equal((await runCli(['disk', 'hash', file])).out, `${hash}\n`);
  assert.deepEqual(JSON.parse((await runCli(['disk', 'hash', file, '--json'])).out), {
    algorithm: 'sha256',
    hash,
    virtualSize: 3 * MIB,
  });
});

test('disk read writes exactly the bytes asked for', async (t) => {
  const { file, bytes } = rawImage(t);
  const read = await runCli(['disk', 'read', file, '--offset', '1023K', '--length', '2049']);
  assert.ok(read.bytes.equals(bytes.subarray(1023 * 1024, 1023 * 1024 + 2049)));
  const one = await runCli(['disk', 'read', file, '--offset', String(MIB + 5), '--length', '1']);
  assert.equal(one.bytes.length, 1);
  const beyond = await runCli(['disk', 'read', file, '--offset', '3M', '--length', '1']);
  assert.equal(beyond.status, 2);
});

test('disk compare answers with its exit status', async (t) => {
  const { dir, file, bytes } = rawImage(t);
  const same = join(dir, 'same.raw');
  writeFileSync(same, bytes);
  assert.equal((await runCli(['disk', 'compare', file, same])).status, 0);
  const other = join(dir, 'other.raw');
  const changed = Buffer.from(bytes);
  changed[MIB + 77] = (changed[MIB + 77] ?? 0) ^ 1;
  writeFileSync(other, changed);
  const { status, out } = await runCli(['disk', 'compare', file, other, '--json']);
  assert.equal(status, 1);
  assert.deepEqual(JSON.parse(out), { equal: false, firstDifference: MIB + 77 });
});

test('a longer disk equals a shorter one when its tail is zero, unless --strict', async (t) => {
  const { dir, file, bytes } = rawImage(t);
  const longer = join(dir, 'longer.raw');
  writeFileSync(longer, Buffer.concat([bytes, Buffer.alloc(MIB)]));
  assert.equal((await runCli(['disk', 'compare', file, longer])).status, 0);
  assert.equal((await runCli(['disk', 'compare', longer, file])).status, 0);
  assert.equal((await runCli(['disk', 'compare', file, longer, '--strict'])).status, 1);
  writeFileSync(longer, Buffer.concat([bytes, Buffer.alloc(MIB), Buffer.from([1])]));
  const { out } = await runCli(['disk', 'compare', file, longer, '--json']);
  assert.deepEqual(JSON.parse(out), { equal: false, firstDifference: 4 * MIB });
});

test('disk map is one JSON array that covers the disk', async (t) => {
  const { file } = rawImage(t);
  const { out } = await runCli(['disk', 'map', file, '--json']);
  assert.deepEqual(JSON.parse(out), [
    {
      start: 0,
      length: 3 * MIB,
      depth: 0,
      present: true,
      zero: false,
      data: true,
      offset: 0,
      filename: file,
    },
  ]);
});

test('an image of another program is not taken as raw, unless that is asked for', async (t) => {
  const { dir, bytes } = rawImage(t);
  const image = join(dir, 'disk.img');
  writeFileSync(image, Buffer.concat([Buffer.from('KDMV\x01\0\0\0', 'latin1'), bytes]));
  const add = ['lab', 'add-vm', '--dir', join(dir, 'lab'), '--name', 'web', '--image', image];
  for (const words of [['disk', 'info', image], add]) {
    const { status, err } = await runCli(words);
    assert.equal(status, 3);
    assert.match(err, /disk\.img is a VMDK, which this version does not read yet/);
    assert.match(err, /\(disk\.unsupported\)\n$/);
  }
  assert.equal((await runCli(['disk', 'info', image, '--format', 'raw'])).status, 0);
});

test('a fixed VHD is not taken as raw, with a footer of 512 bytes or of 511', async (t) => {
  const { dir, bytes } = rawImage(t);
  const footer = encodeFooter({
    features: 2,
    version: 0x1_0000,
    dataOffset: undefined,
    timeStamp: 0,
    creatorApplication: 'win ',
    creatorVersion: 0xa_0000,
    creatorHost: 'Wi2k',
    originalSize: bytes.length,
    currentSize: bytes.length,
    geometry: geometryOf(bytes.length),
    type: 2,
    uniqueId: newGuid(),
    savedState: false,
  });
  const raw = join(dir, 'contents.raw');
  writeFileSync(raw, bytes);
  const hashOf = async (image: string): Promise<string> => {
    const { out } = await runCli(['disk', 'hash', image, '--json']);
    return (JSON.parse(out) as { hash: string }).hash;
  };
  for (const size of [512, 511]) {
    const image = join(dir, `fixed${size}.img`);
    writeFileSync(image, Buffer.concat([bytes, footer.subarray(0, size)]));
    const { out } = await runCli(['disk', 'info', image, '--json']);
    const info = JSON.parse(out) as { format: string; virtualSize: number };
    assert.deepEqual([info.format, info.virtualSize], ['vhd', bytes.length]);
    assert.equal(await hashOf(image), await hashOf(raw));
  }
});

test('a file that only claims to be a VHDX is refused by name', async (t) => {
  const { dir, bytes } = rawImage(t);
  const fake = join(dir, 'fake.vhdx');
  writeFileSync(fake, bytes);
  const { status, err } = await runCli(['disk', 'info', fake]);
  assert.equal(status, 3);
  assert.match(err, /“vhdxfile” was expected/);
  assert.match(err, /\(disk\.format\)/);
  assert.equal((await runCli(['disk', 'info', fake, '--format', 'raw'])).status, 0);
});
