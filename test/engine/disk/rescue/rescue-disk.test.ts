import assert from 'node:assert/strict';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { never } from '../../../../src/engine/base/abort.ts';
import { noProgress } from '../../../../src/engine/base/progress.ts';
import { rescueDisk, type Rescued } from '../../../../src/engine/disk/rescue/rescue-disk.ts';
import { MIB } from '../../../../src/engine/disk/vhdx/structures/layout.ts';
import type { ByteSource } from '../../../../src/engine/source/byte-source.ts';
import { invert, patchFile, spoilLog } from '../../../support/disk/damage.ts';
import { makeTagged, tagsOf, writeTagged } from '../../../support/disk/tagged-image.ts';
import { withBadSectors } from '../../../support/files/bad-sectors.ts';
import { openFiles } from '../../../support/files/open-files.ts';
import { temporaryFolder } from '../../../support/files/temporary-folder.ts';
import { runCli } from '../../../support/process/cli-io.ts';

/** Where the BAT and the first block of a new image are. */
const BAT = 3 * MIB;
const BLOCKS = 4 * MIB;

/** Four blocks of 1 MiB with the tags 1 to 4. */
async function image(folder: string, name = 'disk.vhdx'): Promise<string> {
  const file = join(folder, name);
  await makeTagged(file, { size: 4 * MIB, blockSize: MIB }, [
    [0, MIB, 1],
    [MIB, MIB, 2],
    [2 * MIB, MIB, 3],
    [3 * MIB, MIB, 4],
  ]);
  return file;
}

async function rescue(
  file: string,
  ...more: readonly string[]
): Promise<Rescued & { readonly status: number }> {
  const to = file.replace(/\.\w+$/, '.rescued.vhdx');
  const { out, err, status } = await runCli([
    'disk',
    'rescue',
    file,
    '--to',
    to,
    '--json',
    ...more,
  ]);
  assert.ok(status <= 1, `${out}${err}`);
  return { status, ...(JSON.parse(out) as Rescued) };
}

/** The disk with zeros in place of lost parts is what the copy must hold. */
async function assertCopy({ file, lost }: Rescued, expected: Uint32Array): Promise<void> {
  const wanted = expected.slice();
  for (const { start, length } of lost) wanted.fill(0, start / 512, (start + length) / 512);
  assert.deepEqual(await tagsOf(file), wanted);
}

test('an intact image is copied whole, with exit status 0', async (t) => {
  const file = await image(await temporaryFolder(t));
  const done = await rescue(file);
  assert.deepEqual([done.status, done.lost, done.lostBytes], [0, [], 0]);
  await assertCopy(done, await tagsOf(file));
});

test('of a truncated file the sectors that are there are copied', async (t) => {
  const file = await image(await temporaryFolder(t));
  const before = await tagsOf(file);
  const open = openFiles();
  await truncate(file, BLOCKS + 2 * MIB + 4096 + 700);
  const done = await rescue(file);
  const start = 2 * MIB + 4096 + 512;
  assert.equal(done.status, 1);
  assert.deepEqual(done.lost, [{ start, length: 4 * MIB - start, code: 'vhdx.bat.offset' }]);
  assert.equal(done.lostBytes, 4 * MIB - start);
  await assertCopy(done, before);
  assert.equal(openFiles(), open);
});

test('a torn BAT loses the blocks of its wrong entries only', async (t) => {
  const file = await image(await temporaryFolder(t));
  const before = await tagsOf(file);
  await patchFile(file, BAT + 8, new Uint8Array(8).fill(0xfd));
  const done = await rescue(file);
  assert.deepEqual(done.lost, [{ start: MIB, length: MIB, code: 'vhdx.bat.state' }]);
  await assertCopy(done, before);
});

for (const [what, places] of [
  ['the first header', [0x10000 + 50]],
  ['the second header', [0x20000 + 50]],
  ['the first region table', [0x30000 + 40]],
  ['a header and the second region table', [0x10000 + 50, 0x40000 + 40]],
] as const) {
  test(`damage of ${what} loses nothing: its copy is used`, async (t) => {
    const file = await image(await temporaryFolder(t));
    const before = await tagsOf(file);
    for (const place of places) await invert(file, place);
    const done = await rescue(file);
    assert.deepEqual([done.status, done.lost], [0, []]);
    await assertCopy(done, before);
  });
}

test('nothing is trusted with a spoiled log, and everything without it', async (t) => {
  const file = await image(await temporaryFolder(t));
  const before = await tagsOf(file);
  await spoilLog(file);
  const strict = await rescue(file);
  assert.deepEqual(strict.lost, [{ start: 0, length: 4 * MIB, code: 'vhdx.log.corrupt' }]);
  await assertCopy(strict, before);
  const without = await rescue(file, '--ignore-log', '--force');
  assert.deepEqual([without.status, without.lost], [0, []]);
  await assertCopy(without, before);
});

/** A child that writes one block, and a part of another, over its parent. */
async function pair(folder: string): Promise<[child: string, parent: string]> {
  const parent = await image(folder, 'parent.vhdx');
  const child = join(folder, 'child.avhdx');
  const linkage = await writeTagged(parent, [[0, 512, 1]]);
  await makeTagged(
    child,
    { size: 4 * MIB, blockSize: MIB, parent: { linkage, relativePath: '.\\parent.vhdx' } },
    [
      [MIB, MIB, 8],
      [2 * MIB + 4096, 4096, 9],
    ],
  );
  return [child, parent];
}

test('without its parent a child keeps what it holds itself', async (t) => {
  const [child, parent] = await pair(await temporaryFolder(t));
  const before = await tagsOf(child);
  await rm(parent);
  const done = await rescue(child);
  const code = 'disk.parent.missing';
  assert.deepEqual(done.lost, [
    { start: 0, length: MIB, code },
    { start: 2 * MIB, length: 4096, code },
    { start: 2 * MIB + 8192, length: 2 * MIB - 8192, code },
  ]);
  await assertCopy(done, before);
});

test('a damaged parent gives what can be read of it', async (t) => {
  const [child, parent] = await pair(await temporaryFolder(t));
  const before = await tagsOf(child);
  await invert(parent, 0x10000 + 50);
  await truncate(parent, BLOCKS + 3 * MIB + 512);
  const done = await rescue(child);
  const start = 3 * MIB + 512;
  assert.deepEqual(done.lost, [{ start, length: MIB - 512, code: 'vhdx.bat.offset' }]);
  await assertCopy(done, before);
});

test('if nothing tells the size of the disk, the command fails and leaves no file', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await image(folder);
  await patchFile(file, 2 * MIB, new Uint8Array(64 * 1024));
  const to = join(folder, 'out.vhdx');
  const run = await runCli(['disk', 'rescue', file, '--to', to, '--json']);
  assert.equal(run.status, 3);
  const { error } = JSON.parse(run.out) as { error: { code: string; message: string } };
  assert.equal(error.code, 'disk.rescue.size');
  assert.match(error.message, /Nothing in .* tells the size of its disk: /);
  assert.deepEqual(await readdir(folder), ['disk.vhdx']);
});

test('an existing file is replaced with --force only, the image itself never', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await image(folder);
  const to = join(folder, 'out.raw');
  await writeFile(to, 'kept');
  const refused = await runCli(['disk', 'rescue', file, '--to', to, '--json']);
  assert.equal(refused.status, 3);
  assert.equal(await readFile(to, 'utf8'), 'kept');
  const itself = await runCli(['disk', 'rescue', file, '--to', file, '--force', '--json']);
  assert.match(itself.out, /disk\.target\.source/);
  assert.equal((await runCli(['disk', 'rescue', file, '--to', to, '--force'])).status, 0);
  assert.equal((await readFile(to)).length, 4 * MIB);
  assert.equal((await runCli(['disk', 'rescue', file])).status, 2);
});

/** Rescues an image of which sectors at file offsets cannot be read. */
async function rescueFailing(file: string, offsets: readonly number[]): Promise<Rescued> {
  const open = { through: (source: ByteSource) => withBadSectors(source, offsets) };
  const options = { open, replace: true };
  return rescueDisk(file, `${file}.raw`, options, noProgress, never);
}

test('where the medium fails, single sectors are lost', async (t) => {
  const file = await image(await temporaryFolder(t));
  const before = await tagsOf(file);
  const bad = [0, 512, 5 * 512, MIB + 512, 4 * MIB - 512];
  const done = await rescueFailing(
    file,
    bad.map((at) => BLOCKS + at),
  );
  const code = 'source.io';
  assert.deepEqual(done.lost, [
    { start: 0, length: 1024, code },
    { start: 5 * 512, length: 512, code },
    { start: MIB + 512, length: 512, code },
    { start: 4 * MIB - 512, length: 512, code },
  ]);
  await assertCopy(done, before);
});

test('a bad sector in a table loses the blocks that it describes', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'many.vhdx');
  // Entries of 64 blocks fill a sector of the table.
  const each = 130;
  await makeTagged(
    file,
    { size: each * MIB, blockSize: MIB },
    Array.from({ length: each }, (_, i) => [i * MIB, 4096, i + 1] as const),
  );
  const before = await tagsOf(file);
  const done = await rescueFailing(file, [BAT + 512]);
  assert.deepEqual(done.lost, [{ start: 64 * MIB, length: 64 * MIB, code: 'source.io' }]);
  await assertCopy(done, before);
});

test('a header and a region table that the medium cannot read are replaced by their copies', async (t) => {
  const file = await image(await temporaryFolder(t));
  const before = await tagsOf(file);
  const done = await rescueFailing(file, [0x10000, 0x30000]);
  assert.deepEqual(done.lost, []);
  await assertCopy(done, before);
});
