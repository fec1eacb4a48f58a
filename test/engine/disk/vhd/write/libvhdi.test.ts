import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../../src/engine/base/abort.ts';
import type { NewDisk } from '../../../../../src/engine/disk/image/image-writer.ts';
import { VhdImage } from '../../../../../src/engine/disk/vhd/read/vhd-image.ts';
import { VhdWriter } from '../../../../../src/engine/disk/vhd/write/vhd-writer.ts';
import { generator } from '../../../../support/files/crash-recorder.ts';
import { MemoryPart } from '../../../../support/files/memory-part.ts';
import { MemoryStorage } from '../../../../support/files/memory-source.ts';
import { temporaryFolder } from '../../../../support/files/temporary-folder.ts';
import { peer } from '../../../../support/process/peers.ts';
import { readByVhdiMount } from '../../../../support/process/vhdi-mount.ts';

const SIZE = 5 * 2 ** 20 + 3 * 4096;
/** Sectors of a byte of a bitmap: libvhdi misreads a byte of which some bits are set. */
const UNIT = 8 * 512;

/** Writes runs of whole bitmap bytes; `contents` follows. */
async function written(disk: NewDisk, contents: Uint8Array, seed: number): Promise<Uint8Array> {
  const part = new MemoryPart();
  const writer = new VhdWriter(part, disk);
  const random = generator(seed);
  for (let at = 0; at < disk.size;) {
    const length = Math.min(UNIT * (1 + Math.floor(random() * 150)), disk.size - at);
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
  await writer.complete(never);
  return part.result;
}

/** Returns what vhdiinfo says of an image, by name. */
function facts(program: string, folder: string, name: string): Readonly<Record<string, string>> {
  const { status, stdout, stderr } = spawnSync(program, [name], { cwd: folder });
  assert.equal(status, 0, stderr.toString());
  const lines = stdout.toString().matchAll(/^\s*([^:\n]+?)\s*:\s*(.+)$/gm);
  return Object.fromEntries([...lines].map(([, key = '', value = '']) => [key, value]));
}

test('libvhdi finds the fields and the contents of fixed, dynamic and differencing VHDs', async (t) => {
  const program = peer(t, 'vhdiinfo');
  if (program === undefined) return;
  const folder = await temporaryFolder(t);
  const contents = new Uint8Array(SIZE);
  let read = 0;
  const judge = async (name: string, bytes: Uint8Array, type: string): Promise<string> => {
    await writeFile(join(folder, name), bytes);
    const { identity } = await VhdImage.open(new MemoryStorage(bytes), {}, never);
    const found = facts(program, folder, name);
    assert.equal(found['Disk type'], type);
    assert.match(found['Media size'] ?? '', new RegExp(`[(]${SIZE} bytes[)]`));
    assert.equal(found['Bytes per sector'], '512 bytes');
    assert.equal(found['Identifier'], identity);
    const disk = await readByVhdiMount(folder, name);
    if (disk === undefined) return identity;
    read++;
    assert.equal(Buffer.compare(disk, contents), 0, `contents of ${name}`);
    return identity;
  };
  const fixed = await written({ size: SIZE, subformat: 'fixed' }, contents, 1);
  await judge('fixed.vhd', fixed, 'Fixed');
  contents.fill(0);
  const parent = await written({ size: SIZE, subformat: 'dynamic' }, contents, 2);
  const identity = await judge('parent.vhd', parent, 'Dynamic');
  const link = {
    identity,
    format: 'vhd',
    size: SIZE,
    relativePath: 'parent.vhd',
    absolutePath: 'C:\\x\\parent.vhd',
  };
  const disk = { size: SIZE, subformat: 'differencing', parent: link } as const;
  const child = await written(disk, contents, 3);
  await judge('child.vhd', child, 'Differential');
  const found = facts(program, folder, 'child.vhd');
  assert.equal(found['Parent identifier'], identity);
  assert.equal(found['Parent filename'], 'C:\\x\\parent.vhd');
  t.diagnostic(`contents of ${read} images read`);
  assert.ok(read === 0 || read === 3);
});
